#include "base/text.h"
#include "compose/parts.h"

#include <ctype.h>
#include <string.h>

/* Reference grammar of the OCI distribution specification: [DOMAIN[:PORT]/]PATH[:TAG][@ALGORITHM:HEX]. */

/* Lower-case letters and digits, with single '.', one or two '_' or any number of '-' between them. */
static bool path_ok(const char *text, size_t len)
{
    if (!len || !isalnum((unsigned char)text[len - 1]))
        return false;
    bool after_separator = true;
    for (size_t i = 0; i < len; i++) {
        bool plain = islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]);
        bool same = i && text[i] == text[i - 1] &&
                    (text[i] == '-' || (text[i] == '_' && (i < 2 || text[i - 2] != '_')));
        if (!plain && (!strchr("._-", text[i]) || (after_separator && !same)))
            return false;
        after_separator = !plain;
    }
    return true;
}

/* A first step with a dot, a colon or the name localhost is a registry's host. */
static bool is_domain(const char *step, size_t len)
{
    return memchr(step, '.', len) || memchr(step, ':', len) ||
           (len == 9 && strncmp(step, "localhost", 9) == 0);
}

static bool name_ok(const char *name, size_t len)
{
    const char *slash = memchr(name, '/', len);
    if (slash && is_domain(name, (size_t)(slash - name))) {
        len -= (size_t)(slash + 1 - name);
        name = slash + 1;
    }
    while ((slash = memchr(name, '/', len))) {
        if (!path_ok(name, (size_t)(slash - name)))
            return false;
        len -= (size_t)(slash + 1 - name);
        name = slash + 1;
    }
    return path_ok(name, len);
}

static bool tag_ok(const char *tag, size_t len)
{
    static const char LATER[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return len && len <= 128 && strspn(tag, LATER) >= len && *tag != '.' && *tag != '-';
}

static bool reference_ok(const char *text)
{
    static const char DIGEST[] = "sha256:";
    size_t len = strcspn(text, "@");
    const char *digest = text[len] ? text + len + 1 : NULL;
    if (digest && (!utr_text_starts(digest, DIGEST) || strspn(digest + 7, "0123456789abcdef") != 64 ||
                   strlen(digest) != 71))
        return false;
    const char *slash = memrchr(text, '/', len);
    const char *colon = memrchr(text, ':', len);
    if (colon && (!slash || colon > slash)) {
        if (!tag_ok(colon + 1, len - (size_t)(colon + 1 - text)))
            return false;
        len = (size_t)(colon - text);
    }
    return len <= 255 && name_ok(text, len);
}

void compose_set_image(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    char **image = &((compose_service *)service)->image;
    const char *text = compose_string(r, pair, pair->value);
    if (!text)
        return;
    if (reference_ok(text))
        *image = utr_strdup(text);
    else
        utr_faults_add(r->faults, pair->value->place,
                       "'%.200s' is no image; write NAME:TAG in lower case, such as postgres:15", text);
}

void compose_set_pull_policy(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    static const char *const POLICIES[] = {"always", "never", "missing", "build"};
    char **policy = &((compose_service *)service)->pull_policy;
    const char *text = compose_string(r, pair, pair->value);
    if (text && strcmp(text, "if_not_present") == 0)
        text = "missing";
    for (size_t i = 0; text && i < COMPOSE_COUNT(POLICIES); i++) {
        if (strcmp(text, POLICIES[i]) == 0) {
            *policy = utr_strdup(text);
            return;
        }
    }
    if (text)
        utr_faults_add(r->faults, pair->value->place,
                       "pull_policy '%.40s' is not supported; known: always, missing, never, build", text);
}

static void set_context(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    char **context = field;
    const char *text = compose_string(r, pair, pair->value);
    if (!text)
        return;
    if (strstr(text, "://") || utr_text_starts(text, "git@") || utr_text_starts(text, "github.com/"))
        utr_faults_add(
            r->faults, pair->value->place,
            "the build context '%.100s' is not on this machine, which is not supported yet; give a folder",
            text);
    else
        *context = compose_path(r, text);
}

static const char CACHE[] = "the engine's own build cache is used";

#define FIELD(key, set, member)                                                                              \
    {                                                                                                        \
        key, set, offsetof(compose_build, member), NULL, NULL, false                                         \
    }
static const compose_key KEYS[] = {
    FIELD("context", set_context, context),
    FIELD("dockerfile", compose_set_string, dockerfile),
    FIELD("target", compose_set_string, target),
    FIELD("args", compose_set_variables, args),
    FIELD("labels", compose_set_named, labels),
    COMPOSE_REFUSED("dockerfile_inline", "write the Dockerfile to a file"),
    COMPOSE_REFUSED("additional_contexts", "copy what is needed into the context"),
    COMPOSE_REFUSED("ssh", "fetch private sources before the build"),
    COMPOSE_REFUSED("secrets", "pass what is not secret with 'args'"),
    COMPOSE_REFUSED("entitlements", "builds run without privileges"),
    COMPOSE_REFUSED("privileged", "builds run without privileges"),
    COMPOSE_REFUSED("network", "builds use the engine's default network"),
    COMPOSE_REFUSED("isolation", "remove it"),
    COMPOSE_REFUSED("extra_hosts", "use names that resolve"),
    COMPOSE_REFUSED("shm_size", "remove it"),
    COMPOSE_REFUSED("ulimits", "remove it"),
    COMPOSE_REFUSED("platforms", "the engine's own platform is built"),
    COMPOSE_WARNED("cache_from", CACHE),
    COMPOSE_WARNED("cache_to", CACHE),
    COMPOSE_WARNED("no_cache", CACHE),
    COMPOSE_WARNED("no_cache_filter", CACHE),
    COMPOSE_WARNED("pull", "pull_policy says what is pulled"),
    COMPOSE_WARNED("tags", "the image gets the service's name only"),
    COMPOSE_WARNED("provenance", "nothing is attested about the build"),
    COMPOSE_WARNED("sbom", "nothing is attested about the build"),
};
#undef FIELD
#undef REFUSED
#undef WARNED

void compose_set_build(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    compose_build *build = &((compose_service *)service)->build;
    if (!compose_read_map(r, pair, KEYS, COMPOSE_COUNT(KEYS), build))
        return;
    if (!utr_yaml_get(pair->value, "context"))
        build->context = compose_path(r, ".");
    if (build->context && !build->dockerfile)
        build->dockerfile = utr_strdup("Dockerfile");
}
