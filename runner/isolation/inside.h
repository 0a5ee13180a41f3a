/**
 * What runs in a process that the runner forked for it: async-signal-safe calls only, everything else is
 * prepared in the plan. Inside isolation/ only.
 */
#ifndef UTR_ISOLATION_INSIDE_H
#define UTR_ISOLATION_INSIDE_H

#include "isolation/mounts.h"

#include <sys/socket.h>

/** An isolation_bind as the kernel wants it. */
typedef struct {
    struct sockaddr_storage address;
    socklen_t len;
} isolation_endpoint;

typedef struct {
    bool user; /* the capabilities are not ours: make a user namespace too */
    const isolation_mounts *mounts;
    char *const *sources; /* one a mount: where it is made before it is laid over its target */
    isolation_endpoint names;
    const isolation_endpoint *binds;
    size_t bind_count;
} isolation_plan;

/** Namespaces that live as long as these descriptors; -1: none. */
typedef struct {
    int user;
    int net;
    int mount;
    int root;
} isolation_space;

/** The folder under which the sources of mounts lie while they are made: one that every machine has and that
 * no mount of ours goes to. */
#define ISOLATION_STAGE "/proc"

/** What the step was doing, for a person. */
const char *isolation_inside_step(int index);

/** Make the namespaces and everything in them; all is told over the channel, TOLD_DONE or TOLD_FAILED last.
 */
void isolation_inside_make(const isolation_plan *plan, int channel);

/** Move the calling process in; its working directory stays. @return 0 or an errno */
int isolation_inside_enter(const isolation_space *space);

/** A listening socket in the network of the calling process. @return 0 or an errno */
int isolation_inside_listen(const isolation_endpoint *endpoint, int *out_fd);

#endif
