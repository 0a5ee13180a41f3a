/* Where the engine is looked for, and whose credentials are sent. */
#include "engine/config.h"
#include "engine/host.h"

#include "base/files.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

static char dir[64];

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static int make_dir(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/utr-eng-XXXXXX");
    static const char *const NAMES[] = {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY",
                                        "DOCKER_CERT_PATH", "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        (void)unsetenv(NAMES[i]);
    return mkdtemp(dir) && setenv("DOCKER_CONFIG", dir, 1) == 0 ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_file(const char *name, const char *text)
{
    auto_free char *path = utr_path_join(dir, name);
    auto_free char *folder = utr_path_dir(path);
    utr_error err = {0};
    assert_int_equal(utr_dir_make(folder, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

/* A context as 'docker context create' files it. */
static void put_context(const char *name, const char *meta)
{
    unsigned char digest[32];
    assert_int_equal(EVP_Digest(name, strlen(name), digest, NULL, EVP_sha256(), NULL), 1);
    auto_buf utr_buf path = {0};
    utr_buf_puts(&path, "contexts/meta/");
    for (size_t i = 0; i < sizeof digest; i++)
        utr_buf_print(&path, "%02x", digest[i]);
    utr_buf_puts(&path, "/meta.json");
    put_file(utr_buf_text(&path), meta);
}

static void assert_found(const char *text, const char *origin, const char *url)
{
    engine_host host = {0};
    utr_error err = {0};
    if (engine_host_find(NULL, &host, &err))
        fail_msg("%s", err.text);
    assert_string_equal(host.text, text);
    assert_string_equal(host.origin, origin);
    assert_string_equal(host.url, url);
    engine_host_dispose(&host);
}

static void test_docker_host_wins_over_contexts(void **state)
{
    (void)state;
    put_file("config.json", "{\"currentContext\":\"far\"}");
    (void)setenv("DOCKER_HOST", "tcp://there", 1);
    assert_found("tcp://there", "DOCKER_HOST", "http://there:2375");
}

static void test_the_current_context_is_used(void **state)
{
    (void)state;
    put_file("config.json", "{\"currentContext\":\"far\"}");
    put_context("far", "{\"Name\":\"far\",\"Endpoints\":{\"docker\":{\"Host\":\"tcp://far:1\"}}}");
    assert_found("tcp://far:1", "docker context 'far'", "http://far:1");
}

static void test_docker_context_wins_over_the_current_one(void **state)
{
    (void)state;
    put_file("config.json", "{\"currentContext\":\"far\"}");
    put_context("near", "{\"Endpoints\":{\"docker\":{\"Host\":\"unix:///near.sock\"}}}");
    (void)setenv("DOCKER_CONTEXT", "near", 1);
    assert_found("unix:///near.sock", "docker context 'near'", "http://docker");
}

static void test_the_default_context_is_the_default_socket(void **state)
{
    (void)state;
    put_file("config.json", "{\"currentContext\":\"default\"}");
    assert_found("unix:///var/run/docker.sock", "the default", "http://docker");
}

static utr_code finds_not(utr_error *err)
{
    engine_host host = {0};
    utr_code code = engine_host_find(NULL, &host, err);
    assert_int_not_equal(code, UTR_OK);
    return code;
}

static void test_a_context_that_does_not_exist_is_named(void **state)
{
    (void)state;
    (void)setenv("DOCKER_CONTEXT", "nowhere", 1);
    utr_error err = {0};
    assert_int_equal(finds_not(&err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "'nowhere' does not exist"));
}

static void test_a_broken_configuration_names_its_place(void **state)
{
    (void)state;
    put_file("config.json", "{\n\"currentContext\": }");
    utr_error err = {0};
    assert_int_equal(finds_not(&err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "config.json:2:"));
}

static void test_tls_changes_scheme_and_port(void **state)
{
    (void)state;
    (void)setenv("DOCKER_HOST", "tcp://there", 1);
    (void)setenv("DOCKER_TLS_VERIFY", "1", 1);
    (void)setenv("DOCKER_CERT_PATH", "/certs", 1);
    engine_host host = {0};
    utr_error err = {0};
    assert_int_equal(engine_host_find(NULL, &host, &err), UTR_OK);
    assert_string_equal(host.url, "https://there:2376");
    assert_string_equal(host.tls_dir, "/certs");
    assert_true(host.tls_verify);
    engine_host_dispose(&host);
}

/* ---- credentials ---- */

#define AUTHS                                                                                                \
    "{\"auths\":{\"https://index.default.example/v1/\":{\"auth\":\"aHViOnBhOnNz\"},"                         \
    "\"reg.example:5000\":{\"identitytoken\":\"tok\"}},\"credHelpers\":{\"helped.example\":\"gcloud\"}}"

/* The header's payload as JSON text; NULL: no header. */
static char *auth_for(const char *ref, char **out_helper)
{
    auto_free char *header = NULL;
    utr_error err = {0};
    assert_int_equal(engine_config_auth(ref, &header, out_helper, &err), UTR_OK);
    if (!header)
        return NULL;
    assert_memory_equal(header, "X-Registry-Auth: ", 17);
    char *encoded = header + 17;
    for (char *at = encoded; *at; at++)
        *at = (char)(*at == '-' ? '+' : *at == '_' ? '/' : *at);
    char *text = utr_calloc(strlen(encoded) + 1, 1);
    assert_true(EVP_DecodeBlock((unsigned char *)text, (unsigned char *)encoded, (int)strlen(encoded)) > 0);
    return text;
}

static void test_credentials_go_to_their_registry_alone(void **state)
{
    (void)state;
    put_file("config.json", AUTHS);
    auto_free char *helper = NULL;
    auto_free char *hub = auth_for("postgres:15", &helper);
    assert_non_null(strstr(hub, "\"username\":\"hub\",\"password\":\"pa:ss\""));
    assert_null(helper);
    auto_free char *name = auth_for("team/app", &helper);
    assert_non_null(name);
    auto_free char *in_full = auth_for("default.example/team/app", &helper);
    assert_non_null(in_full);
    auto_free char *own = auth_for("reg.example:5000/app@sha256:0", &helper);
    assert_non_null(strstr(own, "\"identitytoken\":\"tok\""));
    assert_null(auth_for("other.example/app", &helper));
    assert_null(auth_for("localhost/app", &helper));
    assert_null(helper);
    assert_null(auth_for("helped.example/app", &helper));
    assert_string_equal(helper, "gcloud");
}

static void test_no_configuration_means_no_credentials(void **state)
{
    (void)state;
    auto_free char *helper = NULL;
    assert_null(auth_for("postgres", &helper));
    char *header = NULL;
    utr_error err = {0};
    assert_int_equal(engine_config_auths(&header, &err), UTR_OK);
    assert_null(header);
}

#define test_in_dir(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_in_dir(test_docker_host_wins_over_contexts),
        test_in_dir(test_the_current_context_is_used),
        test_in_dir(test_docker_context_wins_over_the_current_one),
        test_in_dir(test_the_default_context_is_the_default_socket),
        test_in_dir(test_a_context_that_does_not_exist_is_named),
        test_in_dir(test_a_broken_configuration_names_its_place),
        test_in_dir(test_tls_changes_scheme_and_port),
        test_in_dir(test_credentials_go_to_their_registry_alone),
        test_in_dir(test_no_configuration_means_no_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
