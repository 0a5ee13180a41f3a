#include "isolation/filter.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#if defined __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
/* Jump so many statements further where the loaded word is so, and otherwise. */
#define IF_IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define END_WITH(action)      BPF_STMT(BPF_RET | BPF_K, (action))

#ifdef NATIVE

/* Calls of another architecture (32-bit programs) pass unseen; sealed they are all the same. sendto() without
 * an address, which is send(), passes at once. Of sendmsg() the filter cannot see whether it has one. */
static struct sock_filter PROGRAM[] = {
    LOAD(arch),
    IF_IS(NATIVE, 0, 8),
    LOAD(nr),
    IF_IS(SYS_connect, 7, 0),
    IF_IS(SYS_sendmsg, 6, 0),
    IF_IS(SYS_sendto, 0, 4),
    LOAD(args[4]),
    IF_IS(0, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args[4]) + 4),
    IF_IS(0, 0, 1),
    END_WITH(SECCOMP_RET_ALLOW),
    END_WITH(SECCOMP_RET_USER_NOTIF),
};

static int seccomp_install(unsigned flags)
{
    struct sock_fprog program = {.len = sizeof PROGRAM / sizeof *PROGRAM, .filter = PROGRAM};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags,
                        &program);
}

/* With the second flag (Linux 5.19) a signal does not make the kernel ask again: Go's runtime sends many. */
int isolation_filter_install(int *out_watch)
{
    int watch = seccomp_install(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (watch < 0 && errno == EINVAL)
        watch = seccomp_install(0);
    if (watch < 0)
        return errno;
    *out_watch = watch;
    return 0;
}

#else

int isolation_filter_install(int *out_watch)
{
    (void)out_watch;
    return ENOSYS;
}

#endif

/* --- the runner's side --- */

/* The kernel may know longer structures than we do. */
typedef union {
    struct seccomp_notif notice;
    uint8_t room[1024];
} notice_room;

typedef union {
    struct seccomp_notif_resp answer;
    uint8_t room[1024];
} answer_room;

static bool memory_read(int memory, uint64_t at, void *out, size_t len)
{
    return pread(memory, out, len, (off_t)at) == (ssize_t)len;
}

static void address_read(int memory, uint64_t at, uint64_t len, isolation_wish *out)
{
    struct sockaddr_storage found = {0};
    if (at && len <= sizeof found && memory_read(memory, at, &found, len) &&
        (found.ss_family == AF_INET || found.ss_family == AF_INET6))
        out->address = found;
}

static void message_read(int memory, uint64_t at, isolation_wish *out)
{
    struct msghdr message;
    if (memory_read(memory, at, &message, sizeof message))
        address_read(memory, (uintptr_t)message.msg_name, message.msg_namelen, out);
}

static void wish_read(const struct seccomp_notif *notice, isolation_wish *out)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%u/mem", notice->pid);
    auto_close int memory = open(path, O_RDONLY | O_CLOEXEC);
    const uint64_t *arguments = (const uint64_t *)notice->data.args;
    if (memory < 0)
        return;
    if (notice->data.nr == SYS_connect)
        address_read(memory, arguments[1], arguments[2] & UINT32_MAX, out);
    else if (notice->data.nr == SYS_sendto)
        address_read(memory, arguments[4], arguments[5] & UINT32_MAX, out);
    else
        message_read(memory, arguments[1], out);
}

static int watch_state(int watch)
{
    struct pollfd one = {.fd = watch, .events = POLLIN};
    return poll(&one, 1, 0) > 0 ? one.revents : 0;
}

bool isolation_filter_next(int watch, isolation_wish *out)
{
    if (!(watch_state(watch) & POLLIN)) /* taking one that is not there would wait for it */
        return false;
    notice_room taken = {0};
    if (ioctl(watch, SECCOMP_IOCTL_NOTIF_RECV, &taken) < 0)
        return false;
    *out = (isolation_wish){0};
    wish_read(&taken.notice, out);
    /* Its number may have been another process's by the time that we read. */
    if (ioctl(watch, SECCOMP_IOCTL_NOTIF_ID_VALID, &taken.notice.id) < 0)
        *out = (isolation_wish){0};
    answer_room answer = {.answer = {.id = taken.notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE}};
    (void)ioctl(watch, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return true;
}

bool isolation_filter_over(int watch)
{
    int state = watch_state(watch);
    return (state & (POLLHUP | POLLERR)) && !(state & POLLIN);
}
