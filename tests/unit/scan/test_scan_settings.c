#include "folder.h"

#include "base/files.h"
#include "scan/settings.h"

#include <string.h>

/* "files|classes|functions" of what holds for a path, then the faults, each on a line. */
static void assert_settings(const char *root, const char *path, const char *expected)
{
    scan_settings_cache *cache = scan_settings_cache_new(root);
    const scan_settings *settings = scan_settings_for(cache, path);
    auto_free char *files = utr_strs_join(&settings->files, " ");
    auto_free char *classes = utr_strs_join(&settings->classes, " ");
    auto_free char *functions = utr_strs_join(&settings->functions, " ");
    auto_free char *faults = utr_strs_join(&scan_settings_faults(cache)->texts, "\n");
    auto_free char *found =
        utr_format("%s|%s|%s%s%s", files, classes, functions, *faults ? "\n" : "", faults);
    scan_settings_cache_free(cache);
    assert_string_equal(found, expected);
}

static void test_settings_are_empty_where_no_file_says_anything(void **state)
{
    folder_write(*state, "setup.cfg", "[metadata]\nname = x\n");
    folder_write(*state, "pyproject.toml", "[tool.black]\npython_files = 'x'\n");
    assert_settings(*state, "a/test_a.py", "||");
    assert_settings(*state, "test_a.py", "||");
}

static void test_settings_are_read_from_ini_files(void **state)
{
    folder_write(*state, "tox.ini",
                 "# x\n[tox]\nenvlist = py3\n\n[pytest]\npython_files = check_*.py \"a b.py\"\n"
                 "python_classes =\n    Check\n    # not this\n    *Suite\npython_functions: check ; x\n");
    assert_settings(*state, "a/b/c.py", "check_*.py a b.py|Check *Suite|check ; x");
}

static void test_settings_of_setup_cfg_have_a_section_of_another_name(void **state)
{
    folder_write(*state, "setup.cfg", "[pytest]\npython_files = no\n[tool:pytest]\npython_files = yes\n");
    assert_settings(*state, "a.py", "yes||");
}

static void test_settings_of_toml_are_read_however_they_are_written(void **state)
{
    static const char *const TEXTS[] = {
        "[tool.pytest.ini_options]\npython_files = ['a', \"b\"]\npython_classes = \"X Y\"\n",
        "[tool]\npytest.ini_options.python_files = [\n  'a', # one\n  'b',\n]\n"
        "pytest.ini_options.python_classes = 'X Y'\n",
        "[tool.pytest]\nini_options = {python_files = ['a', 'b'], python_classes = 'X Y'}\n",
        "tool.\"pytest\".ini_options.python_files = '''a b'''\n"
        "tool.pytest.ini_options.python_classes = \"\"\"X\nY\"\"\"\n",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        folder_write(*state, "pyproject.toml", TEXTS[i]);
        assert_settings(*state, "a.py", "a b|X Y|");
    }
    folder_write(*state, "pyproject.toml",
                 "[tool.pytest.ini_options.more]\npython_files = 'a'\n"
                 "[tool.pytest.ini_optionsx]\npython_classes = 'a'\n");
    assert_settings(*state, "a.py", "||");
}

static void test_settings_of_the_nearest_folder_hold_alone(void **state)
{
    folder_write(*state, "pytest.ini", "[pytest]\npython_files = top\npython_classes = top\n");
    folder_write(*state, "a/setup.cfg", "[tool:pytest]\npython_files = near\n");
    assert_settings(*state, "a/b/c/x.py", "near||");
    assert_settings(*state, "b/x.py", "top|top|");
}

static void test_settings_of_pytest_ini_count_even_when_it_is_empty(void **state)
{
    folder_write(*state, "setup.cfg", "[tool:pytest]\npython_files = top\n");
    folder_write(*state, "a/pytest.ini", "");
    folder_write(*state, "a/setup.cfg", "[tool:pytest]\npython_files = other\n");
    folder_write(*state, "b/tox.ini", "[other]\n");
    folder_write(*state, "c/tox.ini", "[pytest]\n");
    folder_write(*state, "c/setup.cfg", "[tool:pytest]\npython_files = other\n");
    assert_settings(*state, "a/x.py", "||");
    assert_settings(*state, "b/x.py", "top||");
    assert_settings(*state, "c/x.py", "||");
}

static void test_settings_say_where_a_file_is_wrong(void **state)
{
    folder_write(*state, "a/pytest.ini", "[pytest]\npython_files = x\nnonsense\n");
    folder_write(*state, "b/pyproject.toml", "[tool.pytest.ini_options]\npython_files = 'x'\nx = = 1\n");
    folder_write(*state, "c/pyproject.toml", "[tool.pytest.ini_options]\n\npython_files = \"x\\t\"\n");
    folder_write(*state, "d/pytest.ini/x", "");
    assert_settings(*state, "a/x.py",
                    "x||\na/pytest.ini:3: not understood; write `name = value` or `[section]`");
    assert_settings(*state, "b/x.py", "x||\nb/pyproject.toml:3: not understood as TOML");
    assert_settings(*state, "c/x.py", "||\nc/pyproject.toml:3: escapes are not read here; write 'it' so");
    auto_free char *folder =
        utr_format("||\nd/pytest.ini: open %s/d/pytest.ini: Is a directory", (char *)*state);
    assert_settings(*state, "d/x.py", folder);
}

static void test_settings_read_lines_of_any_length(void **state)
{
    auto_buf utr_buf text = {0};
    utr_buf_puts(&text, "[metadata]\nx = ");
    for (int i = 0; i < 3000; i++)
        utr_buf_puts(&text, "long ");
    utr_buf_puts(&text, "\n[tool:pytest]\npython_files = ");
    for (int i = 0; i < 3000; i++)
        utr_buf_puts(&text, " ");
    utr_buf_puts(&text, "end\n");
    folder_write(*state, "setup.cfg", utr_buf_text(&text));
    assert_settings(*state, "x.py", "end||");
}

static void test_settings_that_are_wrong_are_told_once(void **state)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    folder_write(*state, "pytest.ini", "[pytest]\nnonsense\n");
    folder_write(*state, "a_test.go", "");
    folder_write(*state, "b_test.go", "");
    assert_int_equal(scan_open(&(scan_options){.root = *state}, &scanner, &err), UTR_OK);
    for (size_t i = 0; i < 2; i++) {
        auto_scan_result scan_result result = {0};
        auto_faults utr_faults faults = {0};
        assert_int_equal(scan_run(scanner, &(utr_strs){0}, &result, &faults, &err), UTR_OK);
        assert_int_equal(faults.texts.count, 1 - i);
    }
}

int main(void)
{
#define SETTINGS(name) cmocka_unit_test_setup_teardown(test_settings_##name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        SETTINGS(are_empty_where_no_file_says_anything),
        SETTINGS(are_read_from_ini_files),
        SETTINGS(of_setup_cfg_have_a_section_of_another_name),
        SETTINGS(of_toml_are_read_however_they_are_written),
        SETTINGS(of_the_nearest_folder_hold_alone),
        SETTINGS(of_pytest_ini_count_even_when_it_is_empty),
        SETTINGS(say_where_a_file_is_wrong),
        SETTINGS(read_lines_of_any_length),
        SETTINGS(that_are_wrong_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
