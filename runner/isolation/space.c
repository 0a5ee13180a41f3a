#include "isolation/space.h"

#include "base/clock.h"
#include "base/files.h"
#include "isolation/channel.h"
#include "isolation/reason.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The whole of a helper's life: a busy machine, many binds. */
static const int64_t HELPER_MS = 20000;

enum { NAMES_PORT = 53 };

/* --- what we may do --- */

static uint64_t capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) < 0)
        return 0;
    return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool have_all(uint64_t wanted)
{
    return (capabilities() & wanted) == wanted;
}

#define CAPABILITY(name) (UINT64_C(1) << (CAP_##name))

static bool needs_user_namespace(void)
{
    return !have_all(CAPABILITY(SYS_ADMIN) | CAPABILITY(NET_ADMIN) | CAPABILITY(SYS_CHROOT) |
                     CAPABILITY(NET_BIND_SERVICE));
}

/* --- the user map --- */

static int file_put(pid_t pid, const char *name, const char *text)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t len = strlen(text);
    return fd < 0 || write(fd, text, len) != (ssize_t)len ? errno : 0;
}

/* Everyone whom we know stays who they are. user_namespaces(7): "inside outside count" */
static void identity_map(const char *own, utr_buf *out)
{
    utr_error err = {0};
    auto_buf utr_buf ours = UTR_BUF_INIT(1 << 16);
    if (utr_file_read(own, &ours, &err))
        return;
    char *rest = ours.data;
    for (const char *line; (line = strsep(&rest, "\n"));) {
        unsigned inside = 0;
        unsigned count = 0;
        if (sscanf(line, "%u %*u %u", &inside, &count) == 2) // NOLINT(cert-err34-c): the kernel's numbers
            utr_buf_print(out, "%u %u %u\n", inside, inside, count);
    }
}

static int map_write(pid_t pid, const char *name, const char *own, unsigned self)
{
    auto_buf utr_buf map = {0};
    if (own)
        identity_map(own, &map);
    else
        utr_buf_print(&map, "%u %u 1\n", self, self);
    return file_put(pid, name, utr_buf_text(&map));
}

/* Who may not speak for others maps only themselves; the kernel wants setgroups() given up for that. */
static int user_map(pid_t pid)
{
    bool all = have_all(CAPABILITY(SETUID) | CAPABILITY(SETGID) | CAPABILITY(SETFCAP));
    int sys = all ? 0 : file_put(pid, "setgroups", "deny");
    if (!sys)
        sys = map_write(pid, "uid_map", all ? "/proc/self/uid_map" : NULL, geteuid());
    if (!sys)
        sys = map_write(pid, "gid_map", all ? "/proc/self/gid_map" : NULL, getegid());
    return sys;
}

/* --- the helper --- */

typedef struct {
    pid_t pid;
    int channel;
    int64_t deadline_ms;
} helper_process;

/* Forks; the child runs with every signal blocked, for the handlers are libuv's, and ends without us. */
static utr_code helper_fork(void (*run)(const void *what, int channel), const void *what, helper_process *out,
                            utr_error *err)
{
    int ends[2];
    int sys = isolation_channel_open(ends);
    if (sys)
        return utr_fail_sys(err, sys, "open a channel");
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            run(what, ends[1]);
        _exit(0);
    }
    sys = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return utr_fail_sys(err, sys, "fork");
    }
    *out = (helper_process){.pid = pid, .channel = ends[0], .deadline_ms = utr_clock_ms() + HELPER_MS};
    return UTR_OK;
}

/* It is over with its last word; killing it then changes nothing. */
static void helper_end(const helper_process *helper)
{
    (void)close(helper->channel);
    (void)kill(helper->pid, SIGKILL);
    while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static utr_code helper_hear(const helper_process *helper, isolation_word *out, int *out_fd, utr_error *err)
{
    int sys = isolation_channel_receive(helper->channel, helper->deadline_ms, out, out_fd);
    if (sys == ETIMEDOUT)
        return utr_fail(err, UTR_TIMEOUT, "the namespaces were not made within %d s",
                        (int)(HELPER_MS / 1000));
    return sys ? utr_fail_sys(err, sys, "hear of the namespaces") : UTR_OK;
}

/* --- making --- */

static isolation_endpoint endpoint_of(const char *address, int port)
{
    isolation_endpoint out = {0};
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)&out.address;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&out.address;
    if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons((uint16_t)port);
        out.len = sizeof *ipv4;
    } else {
        bool digits = inet_pton(AF_INET6, address, &ipv6->sin6_addr) == 1;
        assert(digits);
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons((uint16_t)port);
        out.len = sizeof *ipv6;
    }
    return out;
}

static void made_keep(isolation_made *made, const isolation_word *word, int fd)
{
    int *places[] = {[TOLD_USER] = &made->space.user,
                     [TOLD_NET] = &made->space.net,
                     [TOLD_MOUNT] = &made->space.mount,
                     [TOLD_ROOT] = &made->space.root,
                     [TOLD_NAMES] = &made->names};
    if (word->told == TOLD_LISTENER)
        made->listeners[word->index] = fd;
    else if (word->told < sizeof places / sizeof *places && places[word->told])
        *places[word->told] = fd;
    else if (word->told == TOLD_BLIND)
        made->blind = word->sys;
}

static utr_code helper_follow(const helper_process *helper, isolation_made *made, utr_error *err)
{
    for (;;) {
        isolation_word word;
        int fd = -1;
        if (helper_hear(helper, &word, &fd, err))
            return err->code;
        if (word.told == TOLD_DONE)
            return UTR_OK;
        if (word.told == TOLD_FAILED)
            return isolation_reason_fail(err, isolation_inside_step(word.index), word.sys);
        if (word.told == TOLD_MAP_ME) {
            isolation_word answer = {.told = TOLD_MAPPED, .sys = user_map(helper->pid)};
            (void)isolation_channel_send(helper->channel, answer, -1);
        }
        made_keep(made, &word, fd);
    }
}

static void run_make(const void *plan, int channel)
{
    isolation_inside_make(plan, channel);
}

static void made_init(isolation_made *made, size_t listeners)
{
    *made = (isolation_made){.space = {-1, -1, -1, -1}, .names = -1, .listener_count = listeners};
    made->listeners = utr_calloc(listeners + 1, sizeof *made->listeners);
    for (size_t i = 0; i < listeners; i++)
        made->listeners[i] = -1;
}

void isolation_made_dispose(isolation_made *made)
{
    const int kept[] = {made->space.user, made->space.net, made->space.mount, made->space.root, made->names};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        utr_close_fd(&kept[i]);
    for (size_t i = 0; i < made->listener_count; i++)
        utr_close_fd(&made->listeners[i]);
    free(made->listeners);
    *made = (isolation_made){0};
}

static utr_code make_with(const isolation_plan *plan, isolation_made *out, utr_error *err)
{
    helper_process helper = {.channel = -1};
    if (helper_fork(run_make, plan, &helper, err))
        return err->code;
    isolation_made made;
    made_init(&made, plan->bind_count);
    utr_code code = helper_follow(&helper, &made, err);
    helper_end(&helper);
    if (code)
        isolation_made_dispose(&made);
    else
        *out = made;
    return code;
}

utr_code isolation_space_make(const isolation_options *options, isolation_made *out, utr_error *err)
{
    const char *names = isolation_mounts_names("");
    isolation_mounts mounts;
    isolation_mounts_init(&mounts, "", options, names);
    auto_strs utr_strs sources = {0};
    for (size_t i = 0; i < mounts.count; i++)
        utr_strs_give(&sources, utr_format("%s/%zu", ISOLATION_STAGE, i));
    auto_free isolation_endpoint *binds = utr_calloc(options->bind_count + 1, sizeof *binds);
    for (size_t i = 0; i < options->bind_count; i++)
        binds[i] = endpoint_of(options->binds[i].address, options->binds[i].port);
    isolation_plan plan = {.user = needs_user_namespace(),
                           .mounts = &mounts,
                           .sources = sources.items,
                           .names = endpoint_of(names, NAMES_PORT),
                           .binds = binds,
                           .bind_count = options->bind_count};
    utr_code code = make_with(&plan, out, err);
    isolation_mounts_dispose(&mounts);
    return code;
}

/* --- one more listener --- */

typedef struct {
    const isolation_space *space;
    isolation_endpoint endpoint;
} listen_task;

static void run_listen(const void *what, int channel)
{
    const listen_task *task = what;
    int fd = -1;
    isolation_word word = {.told = TOLD_LISTENER};
    word.sys = isolation_inside_enter(task->space);
    if (!word.sys)
        word.sys = isolation_inside_listen(&task->endpoint, &fd);
    (void)isolation_channel_send(channel, word, fd);
}

utr_code isolation_space_listen(const isolation_space *space, const isolation_bind *bind, int *out_fd,
                                utr_error *err)
{
    listen_task task = {.space = space, .endpoint = endpoint_of(bind->address, bind->port)};
    helper_process helper = {.channel = -1};
    if (helper_fork(run_listen, &task, &helper, err))
        return err->code;
    isolation_word word = {0};
    int fd = -1;
    utr_code code = helper_hear(&helper, &word, &fd, err);
    helper_end(&helper);
    if (!code && word.sys)
        code = utr_fail_sys(err, word.sys, "listen at %s:%d inside", bind->address, bind->port);
    if (!code)
        *out_fd = fd;
    return code;
}
