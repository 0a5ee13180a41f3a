#include "root.h"

#include "base/buf.h"

static void test_category_fills_in_every_default(void **state)
{
    auto_manifest manifest_category *c = root_load(*state, ROOT_HEAD ROOT_SUITES);
    assert_string_equal(c->name, "one");
    assert_int_equal(c->place.line, 1);
    assert_string_equal(c->description, "");
    assert_int_equal(c->priority, MANIFEST_MEDIUM);
    assert_int_equal(c->real_services, MANIFEST_REQUIRED);
    assert_int_equal(c->isolation, MANIFEST_OPEN);
    assert_int_equal(c->timeout_ms, 600000);
    assert_int_equal(c->minimum_tests, 1);
    assert_int_equal(c->external.count, 0);
    assert_int_equal(c->depends_on.count + c->tags.count + c->prepare.count, 0);
    assert_int_equal(c->rules.count + c->waivers.count + c->environment.count, 0);
    assert_int_equal(c->services.count, 2);
    assert_true(c->services.items[0].critical);
    assert_int_equal(c->suites.count, 1);
    assert_int_equal(c->suites.items[0].timeout_ms, 600000);
    assert_string_equal(c->suites.items[0].directory, *state);
    assert_true(c->suites.items[0].evidence_default);
    assert_int_equal(c->suites.items[0].evidence.count, 0);
}

static void test_category_reads_every_key(void **state)
{
    auto_manifest manifest_category *c = root_load(*state, "category: one\n"
                                                           "description: What must work.\n"
                                                           "priority: critical\n"
                                                           "depends_on: [a, b]\n"
                                                           "tags: [x, y]\n"
                                                           "timeout: 1m30s\n"
                                                           "real_services: preferred\n"
                                                           "compose: [../stack.yaml, ../stack.yaml]\n"
                                                           "prepare: [[make, -s], [true]]\n"
                                                           "services: {db: {critical: false}}\n"
                                                           "minimum_tests: 12\n"
                                                           "isolation: sealed\n"
                                                           "mocks: [acme.fakes, '@acme/fakes']\n"
                                                           "external: [api.example.com:443, 10.0.0.7:80]\n"
                                                           "suites: [{name: s, run: [x], format: exit, "
                                                           "evidence: {10.0.0.7:80: }}]\n");
    assert_string_equal(c->description, "What must work.");
    assert_int_equal(c->priority, MANIFEST_CRITICAL);
    assert_int_equal(c->depends_on.count, 2);
    assert_string_equal(c->depends_on.items[1].category, "b");
    assert_int_equal(c->depends_on.items[1].place.column, 17);
    assert_string_equal(c->tags.items[1], "y");
    assert_int_equal(c->mocks.count, 2);
    assert_string_equal(c->mocks.items[1], "@acme/fakes");
    assert_int_equal(c->timeout_ms, 90000);
    assert_int_equal(c->real_services, MANIFEST_PREFERRED);
    assert_int_equal(c->compose.count, 2);
    assert_int_equal(c->prepare.count, 2);
    assert_string_equal(c->prepare.items[0].argv.items[1], "-s");
    assert_string_equal(c->prepare.items[1].argv.items[0], "true");
    assert_false(c->services.items[0].critical);
    assert_int_equal(c->services.items[0].place.line, 10);
    assert_int_equal(c->minimum_tests, 12);
    assert_int_equal(c->isolation, MANIFEST_SEALED);
    assert_string_equal(c->external.items[0].name, "api.example.com:443");
    assert_string_equal(c->external.items[0].host, "api.example.com");
    assert_int_equal(c->external.items[0].port, 443);
    assert_string_equal(c->suites.items[0].evidence.items[0].service, c->external.items[1].name);
}

static void test_category_wants_services_beside_what_is_external(void **state)
{
    root_refuse(*state, "category: one\nexternal: [a:1]\n" ROOT_SUITES,
                "real services are required but 'services' names none");
    root_refuse(*state, "category: one\nexternal: [a:1]\nreal_services: none\n" ROOT_SUITES,
                ":2:12: something external under 'real_services: none'");
}

static void test_category_finds_compose_beside_the_manifest(void **state)
{
    auto_manifest manifest_category *c = root_load(*state, ROOT_HEAD ROOT_SUITES);
    auto_free char *expected = utr_format("%s/categories/../stack.yaml", (const char *)*state);
    assert_string_equal(c->compose.items[0], expected);
    root_refuse(*state, "category: one\nservices: {db: }\ncompose: nowhere.yaml\n" ROOT_SUITES,
                "one.yaml:3:10: nothing is at 'nowhere.yaml'");
}

/* Each text replaces the key of a manifest that is otherwise right. */
static void test_category_refuses_wrong_values_and_says_what_is_right(void **state)
{
    static const struct {
        const char *line, *wanted;
    } CASES[] = {
        {"priority: urgent", "unknown priority 'urgent'; known: critical, high, medium, low"},
        {"priority: hihg", "did you mean 'high'?"},
        {"priority: [high]", "'priority' is a list; it takes a word"},
        {"timeout: 10", "'timeout' is '10'; it takes a duration over 0 such as 500ms, 10s or 1m30s"},
        {"timeout: 0s", "it takes a duration over 0"},
        {"timeout: 0x10s", "it takes a duration over 0"},
        {"timeout:", "'timeout' is nothing; it takes a duration"},
        {"minimum_tests: 0", "'minimum_tests' is '0'; it takes a whole number from 1"},
        {"minimum_tests: '5'", "'minimum_tests' is '5'; it takes a whole number"},
        {"minimum_tests: 1.5", "it takes a whole number"},
        {"tags: one", "'tags' is 'one'; it takes a list of texts"},
        {"tags: [[a]]", "a list in 'tags'; it takes a list of texts"},
        {"mocks: acme.fakes", "'mocks' is 'acme.fakes'; it takes a list of modules"},
        {"mocks: ['']", "no module in 'mocks'; it takes names as imports give them"},
        {"mocks: ['import acme']", "no module in 'mocks'"},
        {"mocks: [[acme]]", "no module in 'mocks'"},
        {"prepare: [make]", "'prepare' is 'make'; it takes a list of commands, each a list of texts"},
        {"prepare: [[]]", "a command in 'prepare' names no program"},
        {"depends_on: {a: b}", "'depends_on' is a mapping; it takes a list of categories"},
        {"description: ''", "'description' is ''; it takes a text"},
        {"real_services: maybe", "unknown real_services 'maybe'"},
        {"real_services: none", "services under 'real_services: none'"},
        {"isolation: closed", "unknown isolation 'closed'; known: open, sealed"},
        {"external: [api.example.com]", "'api.example.com' in 'external'; it takes HOST:PORT"},
        {"external: ['API.example.com:443']", "the host in small letters"},
        {"external: [':443']", "':443' in 'external'; it takes HOST:PORT"},
        {"external: ['a:0']", "'a:0' in 'external'"},
        {"external: ['a:65536']", "'a:65536' in 'external'"},
        {"external: ['https://a:443']", "'https://a:443' in 'external'"},
        {"external: ['[::1]:443']", "'[::1]:443' in 'external'"},
        {"external: [[a]]", "'' in 'external'; it takes HOST:PORT"},
        {"external: ['a:1', 'a:1']", "'a:1' stands in 'external' twice"},
        {"external: a:1", "'external' is 'a:1'; it takes a list of HOST:PORT"},
        {"time_out: 10s", "unknown key 'time_out'; did you mean 'timeout'?"},
        {"category: two", "duplicate key 'category'"},
        {"environment: {1A: x}", "'1A' names no variable"},
        {"environment: {A: }", "'A' is nothing; it takes a text"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format(ROOT_HEAD ROOT_SUITES "%s\n", CASES[i].line);
        root_refuse(*state, text, CASES[i].wanted);
    }
}

static void test_category_refuses_what_is_incomplete(void **state)
{
    root_refuse(*state, "", "nothing where a category is due");
    root_refuse(*state, "[1]", "one.yaml:1:1: a list where a category is due");
    root_refuse(*state, "category: one\nreal_services: none\n", "the category has no 'suites'");
    root_refuse(*state, "real_services: none\n" ROOT_SUITES, "the category has no 'category'");
    root_refuse(*state, "category: one\n" ROOT_SUITES,
                "real services are required but 'services' names none");
    root_refuse(*state, "category: one\nservices: {db: }\n" ROOT_SUITES,
                "one.yaml:2:12: services without a compose file");
    root_refuse(*state, ROOT_HEAD "suites: []\n", "'suites' is empty");
    root_refuse(*state, "category: ../x\nreal_services: none\n" ROOT_SUITES, "it takes a name of letters");
}

static void test_category_tells_all_faults_at_once(void **state)
{
    auto_free char *faults = root_faults(*state, ROOT_HEAD "priority: x\ntimeout: y\nwat: 1\n"
                                                           "suites: [{name: s, run: [], format: rspec}]\n");
    assert_non_null(strstr(faults, ":4:11: unknown priority"));
    assert_non_null(strstr(faults, ":5:10: 'timeout' is 'y'"));
    assert_non_null(strstr(faults, ":6:1: unknown key 'wat'"));
    assert_non_null(strstr(faults, ":7:25: 'run' names no program"));
    assert_non_null(strstr(
        faults,
        ":7:37: unknown format 'rspec'; known: pytest, node, cmocka, gtest, catch2, go, tap, junit, exit"));
}

static void test_category_refuses_lists_without_end(void **state)
{
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_buf_puts(&text, ROOT_HEAD ROOT_SUITES "tags: [");
    for (int i = 0; i < 1001; i++)
        utr_buf_puts(&text, "t,");
    utr_buf_puts(&text, "]\n");
    root_refuse(*state, utr_buf_text(&text), "'tags' has 1001 entries; it takes at most 1000");
}

static void test_category_says_that_a_file_is_missing(void **state)
{
    auto_faults utr_faults faults = {0};
    manifest_category *category = NULL;
    manifest_options options = root_options(*state);
    utr_error err = {0};
    assert_int_equal(manifest_load("/no/such.yaml", &options, &category, &faults, &err), UTR_SYS);
    assert_non_null(strstr(err.text, "/no/such.yaml"));
    assert_null(category);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_category_fills_in_every_default),
        cmocka_unit_test(test_category_wants_services_beside_what_is_external),
        cmocka_unit_test(test_category_reads_every_key),
        cmocka_unit_test(test_category_finds_compose_beside_the_manifest),
        cmocka_unit_test(test_category_refuses_wrong_values_and_says_what_is_right),
        cmocka_unit_test(test_category_refuses_what_is_incomplete),
        cmocka_unit_test(test_category_tells_all_faults_at_once),
        cmocka_unit_test(test_category_refuses_lists_without_end),
        cmocka_unit_test(test_category_says_that_a_file_is_missing),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
