#include "root.h"

#include "base/buf.h"

static const char *lookup(void *ctx, const char *service, int port)
{
    utr_buf *address = ctx;
    if (strcmp(service, "gone") == 0)
        return NULL;
    utr_buf_reset(address);
    utr_buf_print(address, "<%s at %d>", service, port);
    return utr_buf_text(address);
}

static void assert_expands(const char *text, const char *expected)
{
    auto_buf utr_buf address = UTR_BUF_INIT(0);
    auto_free char *out = NULL;
    utr_error err = {0};
    assert_int_equal(manifest_expand(text, lookup, &address, &out, &err), UTR_OK);
    assert_string_equal(out, expected);
}

static void test_reference_expands_addresses_and_dollar_signs(void **state)
{
    (void)state;
    assert_expands("", "");
    assert_expands("plain", "plain");
    assert_expands("redis://${cache-1.x:6379}/0", "redis://<cache-1.x at 6379>/0");
    assert_expands("${a:1}${b:65535}", "<a at 1><b at 65535>");
    assert_expands("$$", "$");
    assert_expands("a$$b$${c:1}", "a$b${c:1}");
}

static void test_reference_refuses_what_is_not_well_formed(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"$",       "a$b",      "${",     "${a",        "${a}",
                                        "${:1}",   "${a:}",    "${a:0}", "${a:65536}", "${a:-1}",
                                        "${a:1x}", "${a:b:1}", "${a} :", "${a:1 }",    "${a:99999999999}"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_buf utr_buf address = UTR_BUF_INIT(0);
        char *out = NULL;
        utr_error err = {0};
        assert_int_equal(manifest_expand(WRONG[i], lookup, &address, &out, &err), UTR_CONFIG);
        assert_null(out);
        assert_non_null(strstr(err.text, "$$"));
    }
}

static void test_reference_fails_where_a_service_has_no_address(void **state)
{
    (void)state;
    auto_buf utr_buf address = UTR_BUF_INIT(0);
    char *out = NULL;
    utr_error err = {0};
    assert_int_equal(manifest_expand("x${gone:5}", lookup, &address, &out, &err), UTR_NOT_FOUND);
    assert_null(out);
    assert_string_equal(err.text, "no address for port 5 of service 'gone'");
}

static void test_reference_is_checked_when_a_manifest_is_read(void **state)
{
    root_refuse(*state, ROOT_HEAD ROOT_SUITES "environment: {A: 'x${dbx:1}'}\n",
                "one.yaml:5:18: unknown service 'dbx'; did you mean 'db'?");
    root_refuse(*state, ROOT_HEAD ROOT_SUITES "environment: {A: '${db:http}'}\n",
                "variable 'A': a reference is ${service:port}, a dollar sign is $$");
    root_refuse(*state, ROOT_HEAD "suites: [{name: s, run: [x], format: tap, environment: {A: pa$s}}]\n",
                "variable 'A': a '$' alone; a dollar sign is $$");
}

static void test_reference_lists_each_port_once(void **state)
{
    auto_manifest manifest_category *c = root_load(
        *state, ROOT_HEAD "environment: {A: '${db:1}${cache:1}', B: '${db:1}'}\n"
                          "suites: [{name: s, run: [x], format: tap, environment: {C: '${db:2}'}}]\n");
    assert_int_equal(c->references.count, 3);
    assert_string_equal(c->references.items[1].service, "cache");
    assert_int_equal(c->references.items[2].port, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_expands_addresses_and_dollar_signs),
        cmocka_unit_test(test_reference_refuses_what_is_not_well_formed),
        cmocka_unit_test(test_reference_fails_where_a_service_has_no_address),
        cmocka_unit_test(test_reference_is_checked_when_a_manifest_is_read),
        cmocka_unit_test(test_reference_lists_each_port_once),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
