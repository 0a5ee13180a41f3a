/**
 * Seeing where a process inside wants to go: its kernel asks before connect(), sendto() and sendmsg(), and is
 * always told to go on (seccomp_unotify(2)). Nothing is forbidden by it, so a program may filter itself as it
 * likes. Inside isolation/ only.
 */
#ifndef UTR_ISOLATION_FILTER_H
#define UTR_ISOLATION_FILTER_H

#include <stdbool.h>
#include <sys/socket.h>

/**
 * From now on the calling process and its descendants are seen, through out_watch, which is the caller's. It
 * must reach the runner before the process connects: by sendmmsg(), which is not seen. Async-signal-safe.
 * @return 0 or an errno; ENOSYS where the kernel or the processor cannot
 */
int isolation_filter_install(int *out_watch);

/** Where someone wants to go. */
typedef struct {
    struct sockaddr_storage
        address; /* ss_family 0: nowhere that a network leads to, or it could not be read */
} isolation_wish;

/** Take one wish, let its process go on. @return false: there is none now */
bool isolation_filter_next(int watch, isolation_wish *out);

/** Whether no process is left that the watch could see. */
bool isolation_filter_over(int watch);

#endif
