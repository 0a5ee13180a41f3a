#include "isolation/inside.h"

#include "isolation/channel.h"
#include "isolation/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_WAITING = 4096 };

/* Passes a descriptor on and closes it. */
static int hand_over(int channel, isolation_told told, int index, int fd)
{
    int sys = isolation_channel_send(channel, (isolation_word){.told = told, .index = index}, fd);
    (void)close(fd);
    return sys;
}

/* --- the steps: each returns 0 or an errno --- */

static int step_namespaces(const isolation_plan *plan, int channel)
{
    (void)channel;
    int kinds = CLONE_NEWNET | CLONE_NEWNS | (plan->user ? CLONE_NEWUSER : 0);
    return unshare(kinds) < 0 ? errno : 0;
}

/* The runner writes the map: it may map more than we could. */
static int step_user(const isolation_plan *plan, int channel)
{
    if (!plan->user)
        return 0;
    int sys = isolation_channel_send(channel, (isolation_word){.told = TOLD_MAP_ME}, -1);
    if (sys)
        return sys;
    isolation_word answer;
    return read(channel, &answer, sizeof answer) == (ssize_t)sizeof answer ? answer.sys : EPIPE;
}

static int step_loopback(const isolation_plan *plan, int channel)
{
    (void)plan;
    (void)channel;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int sys = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? errno : 0;
    (void)close(fd);
    return sys;
}

static bool loopback_has_ipv6(void)
{
    struct sockaddr_in6 any_port = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&any_port, sizeof any_port) == 0;
    (void)close(fd);
    return has;
}

static bool put_text(int fd, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    return !len || write(fd, text, len) == (ssize_t)len;
}

static int file_make(const char *path, const isolation_mount *mount, bool ipv6)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    bool whole =
        fchmod(fd, 0644) == 0 && put_text(fd, mount->content) && (!ipv6 || put_text(fd, mount->content_ipv6));
    int sys = whole ? 0 : errno;
    (void)close(fd);
    return sys;
}

static int folder_make(const char *path)
{
    return mkdir(path, 0700) < 0 || chmod(path, 01777) < 0 ? errno : 0;
}

/* A target that the machine does not have, or has no more, is none. */
static int mount_lay(const isolation_mount *own, const char *source, bool ipv6)
{
    int sys = own->content ? file_make(source, own, ipv6) : folder_make(source);
    if (sys || mount(source, own->target, NULL, MS_BIND, NULL) == 0)
        return sys;
    return errno == ENOENT ? 0 : errno;
}

/* What is made lies on a file system of its own, which is gone with the namespace. What the machine mounts
 * later still shows up inside. */
static int step_mounts(const isolation_plan *plan, int channel)
{
    (void)channel;
    bool ipv6 = loopback_has_ipv6();
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
        mount("tmpfs", ISOLATION_STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64m") < 0)
        return errno;
    for (size_t i = 0; i < plan->mounts->count; i++) {
        int sys = mount_lay(&plan->mounts->items[i], plan->sources[i], ipv6);
        if (sys)
            return sys;
    }
    return umount2(ISOLATION_STAGE, MNT_DETACH) < 0 ? errno : 0;
}

static int step_hand_over(const isolation_plan *plan, int channel)
{
    static const struct {
        const char *path;
        isolation_told told;
        int flags;
    } KEPT[] = {{"/proc/self/ns/user", TOLD_USER, O_RDONLY},
                {"/proc/self/ns/net", TOLD_NET, O_RDONLY},
                {"/proc/self/ns/mnt", TOLD_MOUNT, O_RDONLY},
                {"/", TOLD_ROOT, O_PATH}};
    for (size_t i = plan->user ? 0 : 1; i < sizeof KEPT / sizeof *KEPT; i++) {
        int fd = open(KEPT[i].path, KEPT[i].flags | O_CLOEXEC);
        int sys = fd < 0 ? errno : hand_over(channel, KEPT[i].told, 0, fd);
        if (sys)
            return sys;
    }
    return 0;
}

static int step_names(const isolation_plan *plan, int channel)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&plan->names.address, plan->names.len) < 0)
        return errno;
    return hand_over(channel, TOLD_NAMES, 0, fd);
}

static int step_listeners(const isolation_plan *plan, int channel)
{
    int sys = 0;
    for (size_t i = 0; i < plan->bind_count && !sys; i++) {
        isolation_word word = {.told = TOLD_LISTENER, .index = (int)i};
        int fd = -1;
        word.sys = isolation_inside_listen(&plan->binds[i], &fd);
        sys =
            word.sys ? isolation_channel_send(channel, word, -1) : hand_over(channel, word.told, (int)i, fd);
    }
    return sys;
}

/* The last one, for it cannot be undone. A refusal is not our failure. */
static int step_filter(const isolation_plan *plan, int channel)
{
    (void)plan;
    int watch = -1;
    int sys = isolation_filter_install(&watch);
    (void)close(watch);
    return sys ? isolation_channel_send(channel, (isolation_word){.told = TOLD_BLIND, .sys = sys}, -1) : 0;
}

static const struct {
    const char *doing;
    int (*run)(const isolation_plan *plan, int channel);
} STEPS[] = {
    {"make namespaces", step_namespaces},
    {"map the user into a user namespace", step_user},
    {"bring up the loopback interface", step_loopback},
    {"mount files of its own", step_mounts},
    {"hold the namespaces", step_hand_over},
    {"listen for names", step_names},
    {"listen for services", step_listeners},
    {"watch where it goes", step_filter},
};

const char *isolation_inside_step(int index)
{
    return STEPS[index].doing;
}

void isolation_inside_make(const isolation_plan *plan, int channel)
{
    isolation_word word = {.told = TOLD_DONE};
    for (int i = 0; i < (int)(sizeof STEPS / sizeof *STEPS) && !word.sys; i++) {
        word.sys = STEPS[i].run(plan, channel);
        if (word.sys)
            word = (isolation_word){.told = TOLD_FAILED, .index = i, .sys = word.sys};
    }
    (void)isolation_channel_send(channel, word, -1);
}

/* --- later --- */

int isolation_inside_enter(const isolation_space *space)
{
    char directory[PATH_MAX];
    bool known = syscall(SYS_getcwd, directory, sizeof directory) > 0;
    if (space->user >= 0 && setns(space->user, CLONE_NEWUSER) < 0)
        return errno;
    if (setns(space->net, CLONE_NEWNET) < 0 || setns(space->mount, CLONE_NEWNS) < 0)
        return errno;
    /* The kernel put us at the namespace's root, which is another one where the runner lives in a chroot. */
    if (fchdir(space->root) < 0 || chroot(".") < 0)
        return errno;
    return known && chdir(directory) < 0 ? errno : 0;
}

int isolation_inside_listen(const isolation_endpoint *endpoint, int *out_fd)
{
    static const int YES = 1;
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &YES, sizeof YES);
    if (bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->len) < 0 ||
        listen(fd, MOST_WAITING) < 0) {
        int sys = errno;
        (void)close(fd);
        return sys;
    }
    *out_fd = fd;
    return 0;
}
