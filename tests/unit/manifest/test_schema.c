#include "root.h"

#include "base/files.h"
#include "base/json.h"

static json_t *schema(void)
{
    json_error_t error;
    json_t *root = json_load_file(UTR_SCHEMA, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        print_error("%s:%d: %s\n", UTR_SCHEMA, error.line, error.text);
    assert_non_null(root);
    return root;
}

/* The schema of an object: the category is the root, the others are definitions. */
static const json_t *object_schema(const json_t *root, const char *object)
{
    if (strcmp(object, "category") == 0)
        return root;
    return json_object_get(json_object_get(root, "$defs"), object);
}

static bool has_text(const json_t *array, const char *text)
{
    size_t i = 0;
    const json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

/* The words that a property's schema allows: its own, or those of the values of a map. */
static const json_t *schema_words(const json_t *property)
{
    const json_t *words = json_object_get(property, "enum");
    return words ? words : json_object_get(json_object_get(property, "additionalProperties"), "enum");
}

static void assert_same_words(const manifest_key *key, const json_t *property)
{
    const json_t *words = schema_words(property);
    size_t count = 0;
    for (; key->words && key->words[count]; count++)
        assert_true(has_text(words, key->words[count]));
    assert_int_equal(json_array_size(words), count);
}

static void test_schema_has_every_key_of_the_tables(void **state)
{
    (void)state;
    auto_json json_t *root = schema();
    for (size_t i = 0; i < manifest_key_count(); i++) {
        manifest_key key = manifest_key_get(i);
        const json_t *object = object_schema(root, key.object);
        const json_t *property = json_object_get(json_object_get(object, "properties"), key.key);
        if (!property)
            print_error("%s.%s is not in the schema\n", key.object, key.key);
        assert_non_null(property);
        assert_int_equal(has_text(json_object_get(object, "required"), key.key), key.required);
        assert_same_words(&key, property);
    }
}

static bool is_key(const char *object, const char *name)
{
    for (size_t i = 0; i < manifest_key_count(); i++) {
        manifest_key key = manifest_key_get(i);
        if (strcmp(key.object, object) == 0 && strcmp(key.key, name) == 0)
            return true;
    }
    return false;
}

static void assert_only_known_keys(const char *name, const json_t *object)
{
    const char *key = NULL;
    json_t *property = NULL;
    assert_true(json_is_false(json_object_get(object, "additionalProperties")));
    json_object_foreach(json_object_get(object, "properties"), key, property)
    {
        if (!is_key(name, key))
            print_error("%s.%s is in the schema alone\n", name, key);
        assert_true(is_key(name, key));
    }
}

static void test_schema_has_no_key_that_the_tables_lack(void **state)
{
    (void)state;
    auto_json json_t *root = schema();
    assert_only_known_keys("category", root);
    const char *name = NULL;
    json_t *object = NULL;
    json_object_foreach(json_object_get(root, "$defs"), name, object)
    {
        assert_only_known_keys(name, object);
    }
}

static char *reference_text(void)
{
    utr_buf text = UTR_BUF_INIT(0);
    utr_error err = {0};
    assert_int_equal(utr_file_read(UTR_REFERENCE, &text, &err), UTR_OK);
    return utr_buf_take(&text);
}

/* The reference has a section an object, "## suite", with a table row a key. */
static void test_schema_every_key_stands_in_the_reference(void **state)
{
    (void)state;
    auto_free char *text = reference_text();
    for (size_t i = 0; i < manifest_key_count(); i++) {
        manifest_key key = manifest_key_get(i);
        auto_free char *heading = utr_format("\n## %s\n", key.object);
        auto_free char *row = utr_format("\n| `%s` |", key.key);
        const char *section = strstr(text, heading);
        const char *found = section ? strstr(section, row) : NULL;
        const char *next = section ? strstr(section + 1, "\n## ") : NULL;
        if (!found || (next && found > next))
            print_error("%s.%s is not in the reference\n", key.object, key.key);
        assert_true(found && (!next || found < next));
    }
}

/* The first YAML block of the reference is a whole manifest. */
static void test_schema_the_example_of_the_reference_is_right(void **state)
{
    auto_free char *text = reference_text();
    char *start = strstr(text, "```yaml\n");
    assert_non_null(start);
    start += strlen("```yaml\n");
    char *end = strstr(start, "```");
    assert_non_null(end);
    *end = '\0';
    auto_manifest manifest_category *category = root_load(*state, start);
    assert_int_equal(category->waivers.count, 1);
    assert_true(category->suites.count >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema_has_every_key_of_the_tables),
        cmocka_unit_test(test_schema_has_no_key_that_the_tables_lack),
        cmocka_unit_test(test_schema_every_key_stands_in_the_reference),
        cmocka_unit_test(test_schema_the_example_of_the_reference_is_right),
    };
    return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
