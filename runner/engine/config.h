/**
 * The docker command's configuration folder: the current context and the credentials of registries.
 *
 * Read from $DOCKER_CONFIG, else ~/.docker. A file that is not there is the same as an empty one.
 */
#ifndef UTR_ENGINE_CONFIG_H
#define UTR_ENGINE_CONFIG_H

#include "base/error.h"
#include "base/json.h"

/** The folder, or NULL where there is no home; the caller frees it. */
char *engine_config_dir(void);

/** config.json as an object, empty where there is none. @return UTR_CONFIG (unreadable or not JSON) */
UTR_MUST_CHECK utr_code engine_config_load(json_t **out, utr_error *err);

/**
 * A context's meta.json and the folder of its TLS files.
 * @param out_tls_dir  NULL where it has none; the caller frees it
 * @return UTR_CONFIG (no such context, unreadable)
 */
UTR_MUST_CHECK utr_code engine_config_context(const char *name, json_t **out_meta, char **out_tls_dir,
                                              utr_error *err);

/**
 * The header line "X-Registry-Auth: ..." for pulling ref.
 * @param out_header  NULL where no credentials are kept; the caller frees it
 * @param out_helper  the credential helper that keeps them instead (it is not asked), or NULL; freed likewise
 */
UTR_MUST_CHECK utr_code engine_config_auth(const char *ref, char **out_header, char **out_helper,
                                           utr_error *err);

/** The header line "X-Registry-Config: ..." with all credentials, for builds; NULL where there are none. */
UTR_MUST_CHECK utr_code engine_config_auths(char **out_header, utr_error *err);

#endif
