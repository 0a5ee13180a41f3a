#include "services/reaper.h"

#include "services/owner.h"
#include "services/remove.h"
#include "services/services.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static const char DONE[] = "done\n";
static const int64_t QUIET_MS = 3000; /* nothing new for so long: the engine makes nothing more of it */
static const int64_t RETRY_MS = 250;
static const int64_t GIVE_UP_MS = 120000; /* a later run's sweep takes over */
static const int64_t ROUND_MS = 60000;
static const int64_t ENGINE_MS = 10000;

/* ---- the runner's side ---- */

static utr_code spawn(int in, char *const argv[], pid_t *out, utr_error *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    /* Whoever waits for the end of the runner's output must not wait for the reaper. */
    (void)posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    int failure = posix_spawn(out, "/proc/self/exe", &files, &attr, argv, environ);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&files);
    return failure ? utr_fail_sys(err, failure, "start the reaper") : UTR_OK;
}

utr_code services_reaper_start(const char *engine_host, const char *session, services_reaper *out,
                               utr_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return utr_fail_sys(err, errno, "make a pipe to the reaper");
    char name[] = "unified_test_runner";
    char mode[] = "--reaper";
    auto_free char *host = utr_strdup(engine_host);
    auto_free char *which = utr_strdup(session);
    char *const argv[] = {name, mode, host, which, NULL};
    pid_t pid = 0;
    utr_code code = spawn(ends[0], argv, &pid, err);
    (void)close(ends[0]);
    if (code)
        (void)close(ends[1]);
    else
        *out = (services_reaper){pid, ends[1]};
    return code;
}

void services_reaper_end(services_reaper *reaper, bool all_gone)
{
    if (!reaper->pid)
        return;
    if (all_gone) {
        /* SIGPIPE where somebody killed the reaper is the loop's to ignore; a short write cannot be. */
        ssize_t put = write(reaper->fd, DONE, sizeof DONE - 1);
        (void)put;
    }
    (void)close(reaper->fd);
    /* With work to do it goes on alone; without, its end is a matter of a millisecond. */
    (void)waitpid(reaper->pid, NULL, all_gone ? 0 : WNOHANG);
    *reaper = SERVICES_REAPER_NONE;
}

/* ---- the reaper's side ---- */

/* Blocks until the runner says that all is done, or is gone. @return whether there is work */
static bool wait_for_end(void)
{
    char byte = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        return got <= 0 || byte != DONE[0];
    }
}

/* The way the runner found it (a context's certificates, say), where that leads to the same engine. */
static utr_code open_same_engine(const char *host, engine **out, utr_error *err)
{
    utr_error ignored = {0};
    engine *found = NULL;
    if (!engine_open(NULL, engine_within(ENGINE_MS, NULL), &found, &ignored)) {
        engine_facts facts = {0};
        engine_get_facts(found, &facts);
        if (!strcmp(facts.host, host)) {
            *out = found;
            return UTR_OK;
        }
        engine_free(found);
    }
    return engine_open(host, engine_within(ENGINE_MS, NULL), out, err);
}

/* One round. @return whether all that was found is gone and nothing was found */
static bool reap_once(const char *host, const utr_strs *labels)
{
    engine *e = NULL;
    utr_error err = {0};
    if (open_same_engine(host, &e, &err))
        return false;
    services_removal removal = {.engine = e, .bound = engine_within(ROUND_MS, NULL)};
    utr_code code = services_remove_labelled(&removal, labels, &err);
    engine_free(e);
    return !code && removal.removed == 0;
}

static int reap(const char *host, const char *session)
{
    auto_strs utr_strs labels = {0};
    utr_strs_give(&labels, utr_format("%s=%s", SERVICES_LABEL_SESSION, session));
    int64_t end_ms = utr_clock_ms() + GIVE_UP_MS;
    int64_t quiet_since_ms = utr_clock_ms();
    while (utr_clock_ms() < end_ms && utr_clock_ms() - quiet_since_ms < QUIET_MS) {
        if (!reap_once(host, &labels))
            quiet_since_ms = utr_clock_ms();
        (void)utr_cancel_sleep(NULL, RETRY_MS);
    }
    return utr_clock_ms() < end_ms ? 0 : 1;
}

int services_reaper_main(int argc, char **argv)
{
    static const int IGNORED[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    if (argc != 4)
        return 2;
    for (size_t i = 0; i < sizeof IGNORED / sizeof *IGNORED; i++)
        (void)signal(IGNORED[i], SIG_IGN);
    (void)!chdir("/"); /* hold no one's folder; the paths we need are absolute */
    return wait_for_end() ? reap(argv[2], argv[3]) : 0;
}
