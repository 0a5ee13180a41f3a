#include "loop/child.h"

#include "base/files.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

/** Everything that the child needs, made before the fork: after it only async-signal-safe calls are allowed.
 */
typedef struct {
    char *const *argv;
    char *const *environment;
    char *const *candidates; /* where the program may lie, in the order of PATH; ends with NULL */
    const char *directory;
    int (*before_exec)(void *ctx);
    void *before_exec_ctx;
    int null_input;
    int terminal; /* the pty's slave or the pipe's writing end */
    int errors;   /* where stderr goes: there, too, or elsewhere */
    bool pty;
    int report; /* closed by a successful exec */
    pid_t parent;
} child_plan;

/** What the child was at when it could not become the program. */
typedef enum { AT_BEFORE_EXEC, AT_CHDIR, AT_EXEC } child_step;

typedef struct {
    child_step at;
    int sys;
} child_failure;

static void child_reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &standard, NULL);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_attach(const child_plan *plan)
{
    (void)setsid();
    if (plan->pty)
        (void)ioctl(plan->terminal, TIOCSCTTY, 0);
    (void)dup2(plan->null_input, STDIN_FILENO);
    (void)dup2(plan->terminal, STDOUT_FILENO);
    (void)dup2(plan->errors, STDERR_FILENO);
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* The first candidate that can be run is run; a file that may not be run says more than one that is missing.
 */
static int child_exec(const child_plan *plan)
{
    int sys = ENOENT;
    for (size_t i = 0; plan->candidates[i]; i++) {
        (void)execve(plan->candidates[i], plan->argv, plan->environment);
        if (errno != ENOENT && errno != ENOTDIR)
            sys = errno;
    }
    return sys;
}

/* The directory is entered last: before_exec may change what its name means. @return only where it failed */
static child_failure child_become(const child_plan *plan)
{
    int sys = plan->before_exec ? plan->before_exec(plan->before_exec_ctx) : 0;
    if (sys)
        return (child_failure){.at = AT_BEFORE_EXEC, .sys = sys};
    if (chdir(plan->directory) < 0)
        return (child_failure){.at = AT_CHDIR, .sys = errno};
    return (child_failure){.at = AT_EXEC, .sys = child_exec(plan)};
}

static _Noreturn void child_run(const child_plan *plan)
{
    child_reset_signals();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != plan->parent)
        _exit(127);
    child_attach(plan);
    child_failure failure = child_become(plan);
    ssize_t put = write(plan->report, &failure, sizeof failure);
    _exit(put == (ssize_t)sizeof failure ? 127 : 126);
}

static const char *environment_get(const utr_strs *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < environment->count; i++) {
        if (strncmp(environment->items[i], name, len) == 0 && environment->items[i][len] == '=')
            return environment->items[i] + len + 1;
    }
    return NULL;
}

static const char *search_path(const utr_strs *environment)
{
    const char *path = environment_get(environment, "PATH");
    return path ? path : "/usr/local/bin:/usr/bin:/bin";
}

static void candidates_find(const char *program, const char *path, utr_strs *out)
{
    if (strchr(program, '/')) {
        utr_strs_add(out, program);
        return;
    }
    for (const char *end = path;; path = end + 1) {
        end = strchrnul(path, ':');
        auto_free char *folder = utr_strndup(path, (size_t)(end - path));
        utr_strs_give(out, utr_format("%s/%s", *folder ? folder : ".", program));
        if (!*end)
            return;
    }
}

static utr_code failure_tell(const child_failure *failure, const loop_spawn *options,
                             const utr_strs *environment, utr_error *err)
{
    const char *program = options->argv->items[0];
    if (failure->at == AT_BEFORE_EXEC)
        return utr_fail_sys(err, failure->sys, "enter the sealed worker");
    if (failure->at == AT_CHDIR)
        return utr_fail_sys(err, failure->sys, "enter directory %s", options->directory);
    if (failure->sys != ENOENT && failure->sys != ENOTDIR)
        return utr_fail_sys(err, failure->sys, "run '%s'", program);
    if (strchr(program, '/'))
        return utr_fail(err, UTR_NOT_FOUND, "program '%s' not found from %s (or its interpreter is missing)",
                        program, options->directory);
    return utr_fail(err, UTR_NOT_FOUND, "program '%s' not found in PATH=%s", program,
                    search_path(environment));
}

/** Both ends of a child's output. */
typedef struct {
    int ours;
    int theirs;
} output_ends;

static utr_code terminal_open(output_ends *out, utr_error *err)
{
    struct winsize size = {.ws_row = 50, .ws_col = 120};
    int ours = -1;
    int theirs = -1;
    if (openpty(&ours, &theirs, NULL, NULL, &size) < 0)
        return utr_fail_sys(err, errno, "open a pty");
    struct termios raw;
    (void)tcgetattr(theirs, &raw);
    cfmakeraw(&raw);
    (void)tcsetattr(theirs, TCSANOW, &raw);
    (void)fcntl(ours, F_SETFD, FD_CLOEXEC);
    (void)fcntl(theirs, F_SETFD, FD_CLOEXEC);
    *out = (output_ends){.ours = ours, .theirs = theirs};
    return UTR_OK;
}

static utr_code pipe_open(output_ends *out, utr_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return utr_fail_sys(err, errno, "open a pipe");
    *out = (output_ends){.ours = ends[0], .theirs = ends[1]};
    return UTR_OK;
}

/* Signals stay blocked until the child has put back their default actions: libuv's would write to our pipe.
 */
static pid_t fork_quietly(const child_plan *plan)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_run(plan);
    int sys = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = sys;
    return pid;
}

/* Waits for the exec. @return whether it failed */
static bool failure_read(int report, child_failure *out)
{
    ssize_t got;
    do {
        got = read(report, out, sizeof *out);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *out;
}

static void child_discard(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* Forks; report[] is the pipe over which a failed exec is told. */
static utr_code child_fork(child_plan *plan, const loop_spawn *options, const utr_strs *environment,
                           pid_t *out, utr_error *err)
{
    auto_close int reading = -1;
    auto_close int null_input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int report[2];
    if (null_input < 0 || pipe2(report, O_CLOEXEC) < 0)
        return utr_fail_sys(err, errno, "start '%s'", options->argv->items[0]);
    reading = report[0];
    plan->null_input = null_input;
    plan->report = report[1];
    pid_t pid = fork_quietly(plan);
    int sys = errno;
    (void)close(report[1]);
    if (pid < 0)
        return utr_fail_sys(err, sys, "fork for '%s'", options->argv->items[0]);
    child_failure failure;
    if (failure_read(reading, &failure)) {
        child_discard(pid);
        return failure_tell(&failure, options, environment, err);
    }
    *out = pid;
    return UTR_OK;
}

static int pidfd_open_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

utr_code loop_child_start(const loop_spawn *options, const utr_strs *environment, loop_child *out,
                          utr_error *err)
{
    output_ends ends = {-1, -1};
    utr_code code = options->pty ? terminal_open(&ends, err) : pipe_open(&ends, err);
    if (code)
        return code;
    auto_strs utr_strs candidates = {0};
    candidates_find(options->argv->items[0], search_path(environment), &candidates);
    child_plan plan = {.argv = options->argv->items,
                       .environment = environment->items,
                       .candidates = candidates.items,
                       .directory = options->directory,
                       .before_exec = options->before_exec,
                       .before_exec_ctx = options->before_exec_ctx,
                       .terminal = ends.theirs,
                       .errors = options->error_fd ? options->error_fd : ends.theirs,
                       .pty = options->pty,
                       .parent = getpid()};
    pid_t pid = -1;
    code = child_fork(&plan, options, environment, &pid, err);
    (void)close(ends.theirs);
    int pidfd = code ? -1 : pidfd_open_of(pid);
    if (!code && pidfd < 0) {
        code = utr_fail_sys(err, errno, "watch '%s'", options->argv->items[0]);
        child_discard(pid);
    }
    if (code) {
        (void)close(ends.ours);
        return code;
    }
    (void)fcntl(ends.ours, F_SETFL, O_NONBLOCK);
    *out = (loop_child){.pid = pid, .pidfd = pidfd, .output = ends.ours};
    return UTR_OK;
}
