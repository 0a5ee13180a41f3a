#include "loop/keeper.h"

#include "loop/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A child that was being started when its parent died shows up within this. */
static const struct timespec SECOND_LOOK = {.tv_nsec = 200000000L};

static const char DONE = 'd';

/* ---- the keeper's side: a fork that never execs and holds nothing but the pipe ---- */

/* @return whether the other end was closed without a word: its process is dead */
static bool wait_for_death(int fd)
{
    char byte = 0;
    ssize_t got;
    do {
        got = read(fd, &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got <= 0;
}

static void let_go_of_everything(int fd)
{
    (void)setsid(); /* what is typed at the terminal is not for us */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
        (void)dup2(null, standard);
    (void)dup2(fd, STDERR_FILENO + 1);
    (void)close_range(STDERR_FILENO + 2, ~0U, 0);
    (void)!chdir("/"); /* hold no one's folder */
}

static _Noreturn void keep(int fd, const char *mark)
{
    static const int IGNORED[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t i = 0; i < sizeof IGNORED / sizeof *IGNORED; i++)
        (void)signal(IGNORED[i], SIG_IGN);
    let_go_of_everything(fd);
    if (wait_for_death(STDERR_FILENO + 1)) {
        (void)loop_tree_kill_marked(mark);
        (void)nanosleep(&SECOND_LOOK, NULL);
        (void)loop_tree_kill_marked(mark);
    }
    _exit(0);
}

/* ---- ours ---- */

utr_code loop_keeper_start(loop_keeper *out, utr_error *err)
{
    char mark[96];
    loop_tree_own_marks(mark, sizeof mark);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return utr_fail_sys(err, errno, "make a pipe to the keeper of processes");
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[1]);
        keep(ends[0], mark);
    }
    int why = errno;
    (void)close(ends[0]);
    if (pid < 0) {
        (void)close(ends[1]);
        return utr_fail_sys(err, why, "start the keeper of processes");
    }
    *out = (loop_keeper){.pid = pid, .fd = ends[1]};
    return UTR_OK;
}

void loop_keeper_end(loop_keeper *keeper)
{
    if (!keeper->pid)
        return;
    ssize_t put = write(keeper->fd, &DONE, 1); /* where somebody killed it, there is nobody to tell */
    (void)put;
    (void)close(keeper->fd);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    *keeper = (loop_keeper){0};
}
