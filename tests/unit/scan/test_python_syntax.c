#include "scan/grammars/grammars.h"
#include "scan/python/syntax.h"

#include "cmocka_all.h"

#include <string.h>

static void test_syntax_numbers_stand_for_the_grammars_own_names(void **state)
{
    (void)state;
    const TSLanguage *grammar = tree_sitter_python();
    python_syntax_prepare();
#define SYMBOL_HOLDS(name)                                                                                   \
    assert_string_equal(ts_language_symbol_name(grammar, python_symbols.name##_), #name);
    PYTHON_SYMBOLS(SYMBOL_HOLDS)
#define FIELD_HOLDS(name)                                                                                    \
    assert_string_equal(ts_language_field_name_for_id(grammar, python_fields.name##_), #name);
    PYTHON_FIELDS(FIELD_HOLDS)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntax_numbers_stand_for_the_grammars_own_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
