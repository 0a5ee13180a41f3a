/**
 * What the runner needs around its one libuv loop: child processes whose whole tree can be ended, and lines
 * of bytes.
 *
 * 1. loop_process_spawn() starts a program in a session of its own, its output through a pty (so that it
 * writes line by line) or a pipe.
 * 2. on_output gets what it writes, in order; on_exit comes once, after the last output.
 * 3. loop_process_end() ends the tree: SIGTERM, then SIGKILL after the grace, to every process that descends
 * from it, those that left its session included (the runner is their child subreaper and their environment
 * carries the process's mark).
 *
 * Everything runs on the loop's thread.
 */
#ifndef UTR_LOOP_LOOP_H
#define UTR_LOOP_LOOP_H

#include "base/error.h"
#include "base/vec.h"

#include <stdint.h>
#include <uv.h>

typedef struct loop_process loop_process;

/** How it went; borrowed for the call. */
typedef struct {
    int exit_code; /* -1 when signalled */
    int signal;    /* 0 when it exited */
    double seconds;
    bool timed_out; /* its deadline ended it */
    bool cancelled; /* loop_process_end() ended it */
    size_t leaked;  /* processes that outlived it and were ended */
} loop_exit;

typedef struct {
    const utr_strs *argv;        /* borrowed for the call */
    const utr_strs *environment; /* "NAME=value", the whole of it */
    const char *directory;       /* working directory */
    bool pty;                    /* false: stdout and stderr through one pipe */
    int error_fd;                /* without a pty: where stderr goes instead; 0: into the pipe */
    int64_t pause_ms;            /* between two reads of a pipe that is not drained; 0: as it writes */
    int64_t timeout_ms;          /* 0: none */
    int64_t grace_ms;            /* between SIGTERM and SIGKILL */
    /* Called in the child between fork and exec, where only async-signal-safe calls are allowed; returns 0 or
     * an errno, which fails the start as "enter the sealed worker". */
    int (*before_exec)(void *ctx);
    void *before_exec_ctx;
    void (*on_output)(void *ctx, const char *data, size_t len);
    void (*on_exit)(void *ctx, const loop_exit *how);
    void *ctx;
} loop_spawn;

/** @return UTR_NOT_FOUND (no such program, named in err), UTR_SYS; on success on_exit is called exactly once,
 * never before returning; the process's memory is freed after it */
UTR_MUST_CHECK utr_code loop_process_spawn(uv_loop_t *loop, const loop_spawn *options, loop_process **out,
                                           utr_error *err);

/** The number of the process that was started. */
pid_t loop_process_pid(const loop_process *process);

/** Read and deliver at once what it has written so far, without waiting. */
void loop_process_drain(loop_process *process);

/** End the whole tree; now: SIGKILL at once. on_exit follows. Safe to call again. */
void loop_process_end(loop_process *process, bool now);

/** Make this process adopt orphans of its descendants (PR_SET_CHILD_SUBREAPER) once, at start. */
UTR_MUST_CHECK utr_code loop_adopt_orphans(utr_error *err);

/** Kill every process that still descends from this one: the last act of a run. @return how many there were
 */
size_t loop_kill_descendants(void);

#endif
