/**
 * A build context as a tar stream, made as it is read: never whole in memory, without a thread.
 *
 * Symbolic links are sent as links, modes are kept, owners become root, sockets are left out, names are in
 * byte order. The Dockerfile and .dockerignore are always sent; a Dockerfile from outside is sent under a
 * name of its own. "DOCKERFILE.dockerignore" beside the Dockerfile takes .dockerignore's place, as in
 * BuildKit.
 */
#ifndef UTR_ENGINE_CONTEXT_H
#define UTR_ENGINE_CONTEXT_H

#include "base/error.h"

#include <sys/types.h>

typedef struct engine_context engine_context;

/**
 * @param folder      the context
 * @param dockerfile  absolute or relative to it; NULL: "Dockerfile"
 * @return UTR_CONFIG: no such folder or Dockerfile, a broken .dockerignore
 */
UTR_MUST_CHECK utr_code engine_context_open(const char *folder, const char *dockerfile, engine_context **out,
                                            utr_error *err);

/** The Dockerfile's name in the stream. Borrowed. */
const char *engine_context_dockerfile(const engine_context *context);

/** An engine_source: the next bytes of the tar. Fails with UTR_SYS (unreadable), UTR_CONFIG (changed
 * meanwhile) */
ssize_t engine_context_read(void *context, char *data, size_t len, utr_error *err);

/** Leave times out of the tar, so that it says only what a build can depend on. Before the first read. */
void engine_context_drop_times(engine_context *context);

void engine_context_close(engine_context *context);

#endif
