/**
 * Who owns what we put into the engine: the labels that say so, and whether an owner still lives.
 *
 * A process is known by its pid, when it started (ticks since boot), the machine's boot and the pid namespace
 * that the pid counts in; together they survive reboots, reused pids and runners inside containers.
 */
#ifndef UTR_SERVICES_OWNER_H
#define UTR_SERVICES_OWNER_H

#include "base/json.h"
#include "base/vec.h"

#include <stdbool.h>

#define SERVICES_LABEL           "org.unified-test-runner."
#define SERVICES_LABEL_SESSION   SERVICES_LABEL "session"
#define SERVICES_LABEL_PID       SERVICES_LABEL "pid"
#define SERVICES_LABEL_PID_START SERVICES_LABEL "pid-start"
#define SERVICES_LABEL_PID_SPACE SERVICES_LABEL "pid-space"
#define SERVICES_LABEL_BOOT      SERVICES_LABEL "boot"
#define SERVICES_LABEL_KEEP      SERVICES_LABEL "keep"
#define SERVICES_LABEL_CONTEXT   SERVICES_LABEL "context" /* of images: engine_build_digest() */
#define SERVICES_LABEL_PORTS     SERVICES_LABEL "ports"   /* "5432,6432": what status shows */

typedef struct {
    int64_t pid, pid_start;
    char boot[64];
    char pid_space[64];
} services_owner;

/** This process. What /proc does not tell stays 0 or "". */
services_owner services_owner_self(void);

/** Put the owner's labels, and the session's, into an object of labels. */
void services_owner_label(const services_owner *owner, const char *session, bool keep, json_t *labels);

typedef enum {
    SERVICES_OWNER_ALIVE,
    SERVICES_OWNER_DEAD,
    SERVICES_OWNER_REBOOTED, /* of another boot: dead, or on another machine */
    SERVICES_OWNER_UNKNOWN,  /* kept on purpose, of another pid namespace, or not labelled in full */
} services_owner_state;

/** What became of the owner that these labels name, as seen from self. */
services_owner_state services_owner_look(const services_owner *self, const json_t *labels);

#endif
