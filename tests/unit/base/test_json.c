#include "base/json.h"

#include "cmocka_all.h"

static void test_json_members_or_their_fallback(void **state)
{
    (void)state;
    auto_json json_t *object = json_pack("{s:s, s:i, s:b, s:n}", "s", "text", "i", 5, "b", 1, "n");
    assert_string_equal(utr_json_str(object, "s", "x"), "text");
    assert_string_equal(utr_json_str(object, "i", "x"), "x");
    assert_null(utr_json_str(object, "gone", NULL));
    assert_int_equal(utr_json_int(object, "i", 9), 5);
    assert_int_equal(utr_json_int(object, "s", 9), 9);
    assert_int_equal(utr_json_bool(object, "b", 0), 1);
    assert_int_equal(utr_json_bool(object, "n", 7), 7);
    assert_int_equal(utr_json_int(NULL, "i", 9), 9);
}

static void assert_repaired(const char *text, const char *expected)
{
    auto_json json_t *value = utr_json_text(text);
    assert_string_equal(json_string_value(value), expected);
}

#define REPLACED "\xEF\xBF\xBD"

static void test_json_text_is_utf_8_whatever_comes(void **state)
{
    (void)state;
    assert_repaired("", "");
    assert_repaired("gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82", "gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82");
    assert_repaired("a\xFFz", "a" REPLACED "z");
    assert_repaired("\xC3", REPLACED);
    assert_repaired("\xE2\x82", REPLACED REPLACED);
    assert_repaired("\xC0\xAF", REPLACED REPLACED);
    assert_repaired("\xED\xA0\x80", REPLACED REPLACED REPLACED);
    assert_repaired("\xF4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED);
}

static void test_json_text_takes_every_pair_of_bytes(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair <= 0xFFFF; pair++) {
        const char text[3] = {(char)(pair >> 8), (char)(pair & 0xFF), '\0'};
        auto_json json_t *value = utr_json_text(text);
        assert_non_null(value);
        assert_true(json_string_length(value) >= strlen(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_members_or_their_fallback),
        cmocka_unit_test(test_json_text_is_utf_8_whatever_comes),
        cmocka_unit_test(test_json_text_takes_every_pair_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
