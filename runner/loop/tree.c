#include "loop/tree.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "loop/loop.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/** A process as /proc shows it. */
typedef struct {
    tree_id id;
    pid_t parent;
    pid_t session;
    char state; /* proc(5): R, S, D, Z, T, X ... */
    bool member;
    bool spared; /* neither it nor what descends from it is a member */
} proc_entry;

typedef UTR_VEC(proc_entry) proc_list;

/* Reads at most size - 1 bytes of /proc/PID/name; the rest is of no interest. @return bytes, 0 when it is
 * gone
 */
static size_t proc_read(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    while (fd >= 0 && len < size - 1) {
        ssize_t got = read(fd, out + len, size - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    out[len] = '\0';
    return len;
}

/* Which one behind the name. */
enum { STATE = 1, PARENT = 2, SESSION = 4, START = 20 };

/* @return NULL where there are not so many */
static const char *stat_field(const char *rest, int number)
{
    while (rest && number--) {
        rest = strchr(rest, ' ');
        rest = rest ? rest + 1 : NULL;
    }
    return rest;
}

/* proc(5): "pid (name) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime
 * cutime cstime priority nice threads itrealvalue starttime ..."; the name may hold anything. */
static bool proc_stat(pid_t pid, proc_entry *out)
{
    char text[1024];
    if (!proc_read(pid, "stat", text, sizeof text))
        return false;
    const char *rest = strrchr(text, ')');
    const char *state = rest ? stat_field(rest, STATE) : NULL;
    const char *start = rest ? stat_field(rest, START) : NULL;
    if (!start)
        return false;
    *out = (proc_entry){.id = {pid, strtoull(start, NULL, 10)},
                        .parent = (pid_t)strtol(stat_field(rest, PARENT), NULL, 10),
                        .session = (pid_t)strtol(stat_field(rest, SESSION), NULL, 10),
                        .state = *state};
    return true;
}

static void proc_list_read(proc_list *out)
{
    DIR *folder = opendir("/proc");
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        int64_t pid = 0;
        proc_entry found;
        if (isdigit((unsigned char)entry->d_name[0]) && utr_text_int(entry->d_name, 1, INT32_MAX, &pid) &&
            proc_stat((pid_t)pid, &found))
            *utr_vec_push(out) = found;
    }
    (void)closedir(folder);
}

static bool entry_runs(const proc_entry *entry)
{
    return entry->state != 'Z' && entry->state != 'X';
}

static bool same_process(tree_id a, tree_id b)
{
    return a.pid == b.pid && a.start == b.start;
}

/* Whether the environment block (NAME=value, each ended by NUL) has the mark in its UTR_MARK. A mark that
 * ends with '-' stands for all that begin so. */
static bool block_has_mark(const char *block, size_t len, const char *mark)
{
    size_t mark_len = strlen(mark);
    for (const char *at = block; at < block + len; at += strlen(at) + 1) {
        if (!utr_text_starts(at, "UTR_MARK="))
            continue;
        const char *found = strstr(at, mark);
        return found && (mark[mark_len - 1] == '-' || found[mark_len] == '\0' || found[mark_len] == '/');
    }
    return false;
}

static bool proc_has_mark(pid_t pid, const char *mark)
{
    enum { MOST = 256 * 1024 };
    char block[MOST]; /* of which the kernel fills as much as there is */
    size_t len = proc_read(pid, "environ", block, sizeof block);
    return len && block_has_mark(block, len, mark);
}

static bool list_has_member(const proc_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].member && list->items[i].id.pid == pid)
            return true;
    }
    return false;
}

/* Children of members are members. */
static void members_spread(proc_list *list)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < list->count; i++) {
            proc_entry *child = &list->items[i];
            if (child->member || child->spared || !list_has_member(list, child->parent))
                continue;
            child->member = changed = true;
        }
    }
}

static bool tree_has_met(const loop_tree *tree, tree_id id)
{
    for (size_t i = 0; i < tree->met.count; i++) {
        if (same_process(tree->met.items[i], id))
            return true;
    }
    return false;
}

static bool tree_owns(const loop_tree *tree, const proc_entry *entry)
{
    if (entry->id.start < tree->root.start || entry->id.pid == getpid())
        return false;
    if (same_process(entry->id, tree->root))
        return !tree->reaped;
    return entry->session == tree->root.pid || tree_has_met(tree, entry->id) ||
           proc_has_mark(entry->id.pid, tree->mark);
}

static void tree_meet(loop_tree *tree, const proc_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const proc_entry *entry = &list->items[i];
        if (entry->member && !tree_has_met(tree, entry->id))
            *utr_vec_push(&tree->met) = entry->id;
    }
}

static void tree_scan(loop_tree *tree, proc_list *out)
{
    proc_list_read(out);
    for (size_t i = 0; i < out->count; i++)
        out->items[i].member = tree_owns(tree, &out->items[i]);
    members_spread(out);
    tree_meet(tree, out);
}

void loop_tree_own_marks(char *out, size_t size)
{
    proc_entry self = {0};
    (void)proc_stat(getpid(), &self);
    (void)snprintf(out, size, "utr-%d-%" PRIu64 "-", (int)getpid(), self.id.start);
}

void loop_tree_mark(char *out, size_t size)
{
    char own[64];
    loop_tree_own_marks(own, sizeof own);
    (void)snprintf(out, size, "%s%" PRId64, own, utr_clock_us());
}

void loop_tree_init(loop_tree *tree, pid_t root, const char *mark)
{
    proc_entry entry = {.id = {.pid = root}};
    (void)proc_stat(root, &entry);
    *tree = (loop_tree){.root = entry.id};
    (void)snprintf(tree->mark, sizeof tree->mark, "%s", mark);
}

void loop_tree_dispose(loop_tree *tree)
{
    utr_vec_dispose(&tree->met);
}

size_t loop_tree_survivors(loop_tree *tree)
{
    proc_list list = {0};
    tree_scan(tree, &list);
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        const proc_entry *entry = &list.items[i];
        if (!entry->member || same_process(entry->id, tree->root))
            continue;
        if (entry_runs(entry))
            count++;
        else if (entry->parent == getpid())
            (void)waitpid(entry->id.pid, NULL, WNOHANG); /* an orphan that we adopted */
    }
    utr_vec_dispose(&list);
    return count;
}

/* Through a pidfd, looked at again: the number may have become another process's since the scan. */
static void entry_signal(const proc_entry *entry, int number)
{
    auto_close int fd = (int)syscall(SYS_pidfd_open, entry->id.pid, 0);
    proc_entry again;
    if (fd >= 0 && proc_stat(entry->id.pid, &again) && same_process(again.id, entry->id))
        (void)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
}

void loop_tree_signal(loop_tree *tree, int number)
{
    proc_list list = {0};
    tree_scan(tree, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].member && entry_runs(&list.items[i]))
            entry_signal(&list.items[i], number);
    }
    utr_vec_dispose(&list);
}

/* @return how many members were not stopped yet */
static size_t list_stop(const proc_list *list)
{
    size_t fresh = 0;
    for (size_t i = 0; i < list->count; i++) {
        const proc_entry *entry = &list->items[i];
        if (!entry->member || !entry_runs(entry) || entry->state == 'T' || entry->state == 't')
            continue;
        entry_signal(entry, SIGSTOP);
        fresh++;
    }
    return fresh;
}

static size_t list_kill(const proc_list *list, tree_id but)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const proc_entry *entry = &list->items[i];
        if (!entry->member || !entry_runs(entry))
            continue;
        entry_signal(entry, SIGKILL);
        count += !same_process(entry->id, but);
    }
    return count;
}

/* Most scans in search of members that stopped ones had just started. */
enum { STOP_SCANS = 40 };

size_t loop_tree_kill(loop_tree *tree)
{
    proc_list list = {0};
    for (int scan = 0; scan < STOP_SCANS; scan++) {
        size_t met = tree->met.count;
        utr_vec_dispose(&list);
        tree_scan(tree, &list);
        if (scan && tree->met.count == met)
            break;
        (void)list_stop(&list);
    }
    size_t count = list_kill(&list, tree->root);
    utr_vec_dispose(&list);
    return count;
}

utr_code loop_adopt_orphans(utr_error *err)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return utr_fail_sys(err, errno, "become a child subreaper");
    return UTR_OK;
}

static bool same_program(pid_t pid)
{
    char ours[4096];
    char theirs[4096];
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t ours_len = readlink("/proc/self/exe", ours, sizeof ours);
    ssize_t theirs_len = readlink(path, theirs, sizeof theirs);
    return ours_len > 0 && ours_len == theirs_len && memcmp(ours, theirs, (size_t)ours_len) == 0;
}

/* A child that runs our own program and was not spawned by the loop is a helper of ours, such as the
 * services' reaper: it must outlive us. */
static bool is_helper(const proc_entry *entry, const char *mark)
{
    return entry->parent == getpid() && same_program(entry->id.pid) && !proc_has_mark(entry->id.pid, mark);
}

static void descendants_scan(const char *mark, proc_list *out)
{
    proc_entry self = {0};
    (void)proc_stat(getpid(), &self);
    proc_list_read(out);
    for (size_t i = 0; i < out->count; i++) {
        proc_entry *entry = &out->items[i];
        if (entry->id.start < self.id.start || entry->id.pid == getpid())
            continue;
        entry->spared = is_helper(entry, mark);
        entry->member = !entry->spared && (entry->parent == getpid() || proc_has_mark(entry->id.pid, mark));
    }
    members_spread(out);
}

static void marked_scan(const char *mark, proc_list *out)
{
    proc_list_read(out);
    for (size_t i = 0; i < out->count; i++)
        out->items[i].member = out->items[i].id.pid != getpid() && proc_has_mark(out->items[i].id.pid, mark);
    members_spread(out);
}

static void list_reap(const proc_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const proc_entry *entry = &list->items[i];
        if (entry->member && !entry_runs(entry) && entry->parent == getpid())
            (void)waitpid(entry->id.pid, NULL, WNOHANG);
    }
}

/* Stop, then kill what scan finds, until it finds nothing. */
static size_t kill_found(void (*scan)(const char *mark, proc_list *out), const char *mark)
{
    static const struct timespec PAUSE = {.tv_nsec = 2000000L};
    int64_t end = utr_clock_ms() + 1000;
    size_t most = 0;
    for (int round = 0; utr_clock_ms() < end; round++) {
        proc_list list = {0};
        scan(mark, &list);
        size_t fresh = round < STOP_SCANS ? list_stop(&list) : 0;
        size_t running = fresh ? fresh : list_kill(&list, (tree_id){0});
        list_reap(&list);
        utr_vec_dispose(&list);
        most = running > most ? running : most;
        if (!running)
            break;
        if (!fresh)
            (void)nanosleep(&PAUSE, NULL);
    }
    return most;
}

size_t loop_kill_descendants(void)
{
    char mark[96];
    loop_tree_own_marks(mark, sizeof mark);
    return kill_found(descendants_scan, mark);
}

size_t loop_tree_kill_marked(const char *mark)
{
    return kill_found(marked_scan, mark);
}
