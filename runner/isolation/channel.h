/** Words and descriptors between the runner and a process that it forked. Inside isolation/ only. */
#ifndef UTR_ISOLATION_CHANNEL_H
#define UTR_ISOLATION_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TOLD_MAP_ME,   /* a user namespace was made: its user map is to be written */
    TOLD_MAPPED,   /* it was; sys: or why not */
    TOLD_USER,     /* fd: the user namespace */
    TOLD_NET,      /* fd: the network namespace */
    TOLD_MOUNT,    /* fd: the mount namespace */
    TOLD_ROOT,     /* fd: its root folder */
    TOLD_NAMES,    /* fd: the socket to answer names on */
    TOLD_LISTENER, /* index; fd, or sys: why it could not be bound */
    TOLD_BLIND,    /* sys: why no one can be told where a process inside wants to go */
    TOLD_WATCH,    /* fd: tells where one process inside, with its children, wants to go */
    TOLD_FAILED,   /* index: the step that failed; sys */
    TOLD_DONE
} isolation_told;

typedef struct {
    isolation_told told;
    int index;
    int sys; /* errno */
} isolation_word;

/** A pair of SOCK_SEQPACKET sockets. @return 0 or an errno */
int isolation_channel_open(int ends[2]);

/** Async-signal-safe. @param fd  goes along, and stays the caller's; -1: none. @return 0 or an errno */
int isolation_channel_send(int channel, isolation_word word, int fd);

/**
 * @param deadline_ms  of the monotonic clock; 0: do not wait
 * @param out_fd       what came along, the caller's; -1: none
 * @return 0 or an errno: ETIMEDOUT, EPIPE (the other end is closed), EAGAIN (nothing there, with 0)
 */
int isolation_channel_receive(int channel, int64_t deadline_ms, isolation_word *out, int *out_fd);

#endif
