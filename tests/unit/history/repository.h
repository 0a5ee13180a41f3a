/** Real git repositories in a folder of their own, made by shell commands. */
#ifndef UTR_TEST_HISTORY_REPOSITORY_H
#define UTR_TEST_HISTORY_REPOSITORY_H

#include "base/files.h"
#include "base/vec.h"
#include "history/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *place; /* of the test that runs */

/* Runs a shell command in the test's folder; git asks nobody and reads nobody's settings. */
__attribute__((format(printf, 1, 2))) static inline void sh(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auto_free char *command = utr_vformat(format, args);
    va_end(args);
    auto_free char *line =
        utr_format("cd %s && export HOME=%s GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME='Ada Lovelace' "
                   "GIT_AUTHOR_EMAIL=ada@example.org "
                   "GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org && set -e && { %s; } >%s.log 2>&1",
                   place, place, command, place);
    const int status = system(line); /* commands of this test, in a folder of ours below /tmp */
    if (status)
        print_error("failed: %s\n", command);
    assert_int_equal(status, 0);
}

static inline int make_place(void **state)
{
    (void)state;
    char path[] = "/tmp/utr-history-XXXXXX";
    if (!mkdtemp(path))
        return -1;
    place = utr_strdup(path);
    return 0;
}

static inline int remove_place(void **state)
{
    (void)state;
    auto_free char *command = utr_format("chmod -R u+rwX %s && rm -rf %s %s.log", place, place, place);
    const int status = system(command); /* a folder of ours below /tmp */
    free(place);
    place = NULL;
    return status;
}

/* A repository "r" on branch main whose first commit is of 2020-01-01, with these commands in it first. */
static inline void repository(const char *first)
{
    sh("git init -q -b main r && cd r && { %s; } && git add -A && "
       "GIT_AUTHOR_DATE='2020-01-01T12:00:00+0000' GIT_COMMITTER_DATE='2020-01-01T12:00:00+0000' "
       "git commit -qm 'the first'",
       first);
}

/* Adds all and commits on the given day. */
static inline void commit(const char *day, const char *message)
{
    sh("cd r && git add -A && GIT_AUTHOR_DATE='%sT12:00:00+0000' GIT_COMMITTER_DATE='%sT12:00:00+0000' "
       "git commit -qm '%s'",
       day, day, message);
}

static inline history *open_at(const char *below)
{
    utr_error err = {0};
    history *h = NULL;
    auto_free char *path = utr_format("%s/%s", place, below);
    if (history_open(path, &h, &err))
        print_error("%s\n", err.text);
    assert_non_null(h);
    return h;
}

static inline history_id resolved(history *h, const char *name)
{
    utr_error err = {0};
    history_id id = {0};
    auto_free char *meant = NULL;
    if (history_resolve(h, name, &id, &meant, &err))
        print_error("%s\n", err.text);
    assert_int_equal(err.code, UTR_OK);
    return id;
}

/* "before > after" of each change since a commit, joined by "; ", with "-" for nothing. */
static inline char *changes_since(history *h, const char *name)
{
    utr_error err = {0};
    history_id id = resolved(h, name);
    auto_history_changes history_changes_list list = {0};
    assert_int_equal(history_changes(h, &id, &list, &err), UTR_OK);
    auto_strs utr_strs lines = {0};
    for (size_t i = 0; i < list.count; i++) {
        const history_change *c = &list.items[i];
        utr_strs_give(&lines, utr_format("%s > %s", c->before ? c->before : "-", c->after ? c->after : "-"));
    }
    return utr_strs_join(&lines, "; ");
}

static inline void assert_changes(history *h, const char *name, const char *wanted)
{
    auto_free char *is = changes_since(h, name);
    assert_string_equal(is, wanted);
}

#endif
