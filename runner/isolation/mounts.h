/** What a sealed worker finds in place of the machine's own files and folders. Inside isolation/ only. */
#ifndef UTR_ISOLATION_MOUNTS_H
#define UTR_ISOLATION_MOUNTS_H

#include "base/vec.h"
#include "isolation/isolation.h"

#include <stdbool.h>

/** A file of this content, or an empty folder that all may write to, laid over what is there. */
typedef struct {
    char *target;
    char *content;      /* NULL: a folder */
    char *content_ipv6; /* added where the kernel has IPv6; NULL: nothing */
} isolation_mount;

typedef UTR_VEC(isolation_mount) isolation_mounts;

/**
 * /etc/hosts, /etc/resolv.conf and /etc/nsswitch.conf that know no one outside, and covers for the sockets of
 * databases and of the system's name services. Files that the machine does not have are left out.
 * @param root  in front of every path that is looked at; "" but in tests
 * @param names the address that names are asked from
 */
void isolation_mounts_init(isolation_mounts *mounts, const char *root, const isolation_options *options,
                           const char *names);

void isolation_mounts_dispose(isolation_mounts *mounts);

/** Where names are asked from: nameserver in resolv.conf, or what the resolver takes without that file. */
const char *isolation_mounts_names(const char *root);

#endif
