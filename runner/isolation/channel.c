#include "isolation/channel.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Room for one descriptor, aligned as the kernel wants it. */
typedef union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} one_fd;

int isolation_channel_open(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ? errno : 0;
}

/* sendmmsg(), not sendmsg(): the latter is watched in a process that sends its own watch (filter.c). */
int isolation_channel_send(int channel, isolation_word word, int fd)
{
    struct iovec part = {.iov_base = &word, .iov_len = sizeof word};
    one_fd control = {0};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    if (fd >= 0) {
        control.header = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
        message.msg_hdr.msg_control = &control;
        message.msg_hdr.msg_controllen = sizeof control;
    }
    int sent;
    do {
        sent = sendmmsg(channel, &message, 1, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1 ? 0 : errno;
}

static int wait_readable(int channel, int64_t deadline_ms)
{
    struct pollfd one = {.fd = channel, .events = POLLIN};
    for (;;) {
        int64_t left = deadline_ms - utr_clock_ms();
        int ready = left < 0 ? 0 : poll(&one, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (ready > 0)
            return 0;
        if (ready == 0)
            return ETIMEDOUT;
        if (errno != EINTR)
            return errno;
    }
}

int isolation_channel_receive(int channel, int64_t deadline_ms, isolation_word *out, int *out_fd)
{
    int sys = deadline_ms ? wait_readable(channel, deadline_ms) : 0;
    if (sys)
        return sys;
    isolation_word word;
    struct iovec part = {.iov_base = &word, .iov_len = sizeof word};
    one_fd control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0)
        return errno;
    if (got != (ssize_t)sizeof word)
        return EPIPE;
    int fd = -1;
    struct cmsghdr *along = CMSG_FIRSTHDR(&message);
    if (along && along->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(along), sizeof fd);
    *out = word;
    *out_fd = fd;
    return 0;
}
