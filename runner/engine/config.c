#include "engine/config.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

static const size_t CONFIG_LIMIT = (size_t)1 << 20;

char *engine_config_dir(void)
{
    const char *dir = getenv("DOCKER_CONFIG");
    if (dir && *dir)
        return utr_strdup(dir);
    const char *home = getenv("HOME");
    return home && *home ? utr_path_join(home, ".docker") : NULL;
}

/* A file that must hold a JSON object; *out stays NULL where the file does not exist. */
static utr_code object_load(const char *path, json_t **out, utr_error *err)
{
    auto_buf utr_buf text = UTR_BUF_INIT(CONFIG_LIMIT);
    utr_error inner = {0};
    if (utr_file_read(path, &text, &inner)) {
        if (inner.code == UTR_SYS && (inner.sys == ENOENT || inner.sys == ENOTDIR))
            return UTR_OK;
        return utr_fail(err, UTR_CONFIG, "%s; make it readable, or set DOCKER_CONFIG to another folder",
                        inner.text);
    }
    json_error_t fault;
    json_t *object = json_loadb(utr_buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(object)) {
        json_decref(object);
        return utr_fail(err, UTR_CONFIG, "%s:%d:%d: %s; a JSON object is expected", path, fault.line,
                        fault.column, object ? "not an object" : fault.text);
    }
    *out = object;
    return UTR_OK;
}

utr_code engine_config_load(json_t **out, utr_error *err)
{
    auto_free char *dir = engine_config_dir();
    auto_free char *path = dir ? utr_path_join(dir, "config.json") : NULL;
    json_t *object = NULL;
    if (path && object_load(path, &object, err))
        return err->code;
    *out = object ? object : json_object();
    return UTR_OK;
}

/* Contexts are filed under the SHA-256 of their name, in hex. */
static void context_folder(const char *name, char out[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    (void)EVP_Digest(name, strlen(name), digest, &len, EVP_sha256(), NULL);
    for (unsigned int i = 0; i < len && i < 32; i++)
        (void)snprintf(out + 2 * (size_t)i, 3, "%02x", digest[i]);
}

utr_code engine_config_context(const char *name, json_t **out_meta, char **out_tls_dir, utr_error *err)
{
    char folder[65] = "";
    context_folder(name, folder);
    auto_free char *dir = engine_config_dir();
    json_t *meta = NULL;
    if (dir) {
        auto_free char *path = utr_format("%s/contexts/meta/%s/meta.json", dir, folder);
        if (object_load(path, &meta, err))
            return err->code;
    }
    if (!meta)
        return utr_fail(err, UTR_CONFIG,
                        "the docker context '%s' does not exist; see 'docker context ls', or set DOCKER_HOST",
                        name);
    char *tls = utr_format("%s/contexts/tls/%s/docker", dir, folder);
    if (!utr_path_exists(tls)) {
        free(tls);
        tls = NULL;
    }
    *out_meta = meta;
    *out_tls_dir = tls;
    return UTR_OK;
}

/* ---- credentials ---- */

/* The host part of a reference: its first component where that looks like a host; NULL: the engine's default
 * registry. */
static char *registry_of(const char *ref)
{
    const char *slash = strchr(ref, '/');
    size_t len = slash ? (size_t)(slash - ref) : 0;
    bool is_host = len && (memchr(ref, '.', len) || memchr(ref, ':', len) ||
                           (len == 9 && strncmp(ref, "localhost", 9) == 0));
    return is_host ? utr_strndup(ref, len) : NULL;
}

/* `docker login` keeps the default registry alone under an address with an API version:
 * https, "index." before the host, "/v1/" behind it. Whether key is that, and of this registry (NULL: the
 * default). */
static bool is_default_key(const char *key, const char *registry)
{
    static const char PREFIX[] = "https://index.";
    if (!utr_text_starts(key, PREFIX) || !utr_text_ends(key, "/v1/"))
        return false;
    const char *host = key + sizeof PREFIX - 1;
    return !registry ||
           (strncmp(host, registry, strlen(registry)) == 0 && strcmp(host + strlen(registry), "/v1/") == 0);
}

static char *base64_url(const char *text)
{
    size_t len = strlen(text);
    char *out = utr_calloc(4 * ((len + 2) / 3) + 1, 1);
    (void)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)len);
    for (char *at = out; *at; at++)
        *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
    return out;
}

/* "user:password" out of its base64; NULL where it is none. */
static char *base64_text(const char *encoded)
{
    size_t len = strlen(encoded);
    if (len % 4 || len > CONFIG_LIMIT)
        return NULL;
    char *out = utr_calloc(len / 4 * 3 + 1, 1);
    if (EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)encoded, (int)len) >= 0)
        return out; /* padding decodes to NULs */
    free(out);
    return NULL;
}

/* An entry of "auths" as the API's AuthConfig; NULL where it holds nothing. */
static json_t *auth_of(const char *registry, const json_t *entry)
{
    const char *token = utr_json_str(entry, "identitytoken", "");
    if (*token)
        return json_pack("{s:s, s:s}", "identitytoken", token, "serveraddress", registry);
    const char *user = utr_json_str(entry, "username", "");
    const char *password = utr_json_str(entry, "password", "");
    auto_free char *both = base64_text(utr_json_str(entry, "auth", ""));
    char *colon = both ? strchr(both, ':') : NULL;
    if (colon) {
        *colon = '\0';
        user = both;
        password = colon + 1;
    }
    if (!*user)
        return NULL;
    return json_pack("{s:s, s:s, s:s}", "username", user, "password", password, "serveraddress", registry);
}

static char *header_of(const char *name, const json_t *value)
{
    auto_free char *text = json_dumps(value, JSON_COMPACT);
    auto_free char *encoded = base64_url(text ? text : "{}");
    return utr_format("%s: %s", name, encoded);
}

/* The key under which an object holds a registry (NULL: the default), which may be written with a scheme;
 * NULL: none. */
static const char *registry_key(const json_t *object, const char *registry)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        const char *host = utr_text_starts(key, "https://") ? key + 8 : key;
        if (is_default_key(key, registry) || (registry && strcmp(host, registry) == 0))
            return key;
    }
    return NULL;
}

static const json_t *registry_entry(const json_t *object, const char *key)
{
    return key ? json_object_get(object, key) : NULL;
}

utr_code engine_config_auth(const char *ref, char **out_header, char **out_helper, utr_error *err)
{
    auto_json json_t *config = NULL;
    if (engine_config_load(&config, err))
        return err->code;
    auto_free char *registry = registry_of(ref);
    const json_t *auths = json_object_get(config, "auths");
    const json_t *helpers = json_object_get(config, "credHelpers");
    const char *key = registry_key(auths, registry);
    auto_json json_t *auth = auth_of(registry ? registry : key, registry_entry(auths, key));
    const char *helper = json_string_value(registry_entry(helpers, registry_key(helpers, registry)));
    if (!helper)
        helper = utr_json_str(config, "credsStore", NULL);
    *out_header = auth ? header_of("X-Registry-Auth", auth) : NULL;
    *out_helper = auth ? NULL : utr_strdup(helper);
    return UTR_OK;
}

utr_code engine_config_auths(char **out_header, utr_error *err)
{
    auto_json json_t *config = NULL;
    if (engine_config_load(&config, err))
        return err->code;
    auto_json json_t *all = json_object();
    const char *registry = NULL;
    json_t *entry = NULL;
    json_object_foreach(json_object_get(config, "auths"), registry, entry)
    {
        json_t *auth = auth_of(registry, entry);
        if (auth)
            (void)json_object_set_new(all, registry, auth);
    }
    *out_header = json_object_size(all) ? header_of("X-Registry-Config", all) : NULL;
    return UTR_OK;
}
