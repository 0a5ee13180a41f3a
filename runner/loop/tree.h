/**
 * The processes that come from one child, however far they went: its descendants, its session, and those that
 * carry its mark in their environment. Inside loop/ only.
 */
#ifndef UTR_LOOP_TREE_H
#define UTR_LOOP_TREE_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** A process, safe against its number being used again. */
typedef struct {
    pid_t pid;
    uint64_t start; /* clock ticks after boot, /proc/PID/stat field 22 */
} tree_id;

typedef struct {
    tree_id root;         /* the child; its number is its session's */
    bool reaped;          /* the child was waited for: its number may be another's by now */
    char mark[96];        /* stands in UTR_MARK of every process that inherited it */
    UTR_VEC(tree_id) met; /* members met so far: they stay members when their parents die */
} loop_tree;

/** A mark that no other process carries. */
void loop_tree_mark(char *out, size_t size);

/** What all marks of this process begin with; ends with '-'. */
void loop_tree_own_marks(char *out, size_t size);

/** @param root  a child of this process that was not waited for */
void loop_tree_init(loop_tree *tree, pid_t root, const char *mark);

void loop_tree_dispose(loop_tree *tree);

/** How many members still run, the root left out; members that ended as our adopted children are reaped. */
size_t loop_tree_survivors(loop_tree *tree);

/** Send a signal to every member. */
void loop_tree_signal(loop_tree *tree, int number);

/** Stop every member until no new one appears, then kill them all. @return how many ran, the root left out */
size_t loop_tree_kill(loop_tree *tree);

/** The same for every process that carries a mark that begins so, and all that descend from one: for when
 * whoever made the mark is dead. */
size_t loop_tree_kill_marked(const char *mark);

#endif
