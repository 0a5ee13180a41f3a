/* Disabled decorators switched back on: the text, the difference, and what is left alone. */
#include "restore/restore.h"

#include "../base/cmocka_all.h"
#include "scan/scan.h"

#include <string.h>

/* Every line on which the scan finds a disabled decorator. */
static void find_lines(const char *text, restore_lines *out)
{
    utr_error err = {0};
    auto_scan scan *scanner = NULL;
    auto_scan_file scan_file file = {0};
    assert_int_equal(scan_open(&(scan_options){0}, &scanner, &err), UTR_OK);
    scan_text(scanner, "test_a.py", text, strlen(text), &file);
    for (size_t i = 0; i < file.findings.count; i++) {
        if (file.findings.items[i].kind == SCAN_DISABLED_DECORATOR)
            *utr_vec_push(out) = file.findings.items[i].line;
    }
}

static void make(const char *text, restore_change *out)
{
    utr_error err = {0};
    restore_lines lines = {0};
    find_lines(text, &lines);
    utr_code code = restore_make((tree_text){text, strlen(text)}, &lines, out, &err);
    if (code)
        print_error("%s\n", err.text);
    assert_int_equal(code, UTR_OK);
    assert_int_equal(out->switched, lines.count);
    utr_vec_dispose(&lines);
}

/* The text becomes wanted; scanned again, nothing is left in it. */
static void assert_restored(const char *text, const char *wanted)
{
    auto_restore_change restore_change change = {0};
    make(text, &change);
    assert_string_equal(change.text ? change.text : text, wanted);
    restore_lines again = {0};
    find_lines(wanted, &again);
    assert_int_equal(again.count, 0);
    utr_vec_dispose(&again);
}

static void assert_diff(const char *text, const char *wanted)
{
    utr_error err = {0};
    auto_restore_change restore_change change = {0};
    auto_buf utr_buf diff = {0};
    make(text, &change);
    assert_int_equal(restore_diff(&change, "t/test_a.py", (tree_text){text, strlen(text)}, &diff, &err),
                     UTR_OK);
    assert_string_equal(utr_buf_text(&diff), wanted);
}

static void test_a_decorator_gets_the_indentation_of_its_definition(void **state)
{
    (void)state;
    assert_restored("import a\n# @a.b()\ndef test_a():\n    pass\n",
                    "import a\n@a.b()\ndef test_a():\n    pass\n");
    assert_restored("import a\nclass T:\n# @a.b\n    def test_a(self):\n        pass\n",
                    "import a\nclass T:\n    @a.b\n    def test_a(self):\n        pass\n");
    assert_restored(
        "import a\nclass T:\n            ## @a.b\n\t# # @a.c\n    async def test_a(self):\n        pass\n",
        "import a\nclass T:\n    @a.b\n    @a.c\n    async def test_a(self):\n        pass\n");
    assert_restored("import a\nclass T:\n    # @a.b\n# see there\n    def test_a(self):\n        pass\n",
                    "import a\nclass T:\n    @a.b\n# see there\n    def test_a(self):\n        pass\n");
    assert_restored("import a\n#@a.b(\n#  # that's one\n#  1)\ndef test_a():\n    pass\n",
                    "import a\n@a.b(\n  # that's one\n  1)\ndef test_a():\n    pass\n");
    assert_restored("import a\nclass T:\n\t#@a.b\n\tdef test_a(self):\n\t\tpass\n",
                    "import a\nclass T:\n\t@a.b\n\tdef test_a(self):\n\t\tpass\n");
}

static void test_what_stood_behind_it_stays_as_a_comment(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"# @a()  # TEMPORARILY DISABLED", "@a()  # TEMPORARILY DISABLED"},
        {"# @a() # off", "@a() # off"},
        {"# @a()# off", "@a()  # off"},
        {"# @a() - disabled   ", "@a()  # - disabled"},
        {"# @a() TEMPORARILY DISABLED", "@a()  # TEMPORARILY DISABLED"},
        {"# @a() (disabled)", "@a()  # (disabled)"},
        {"# @a()   ", "@a()"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *text = utr_format("from x import a\n%s\ndef test_a(): pass\n", CASES[i][0]);
        auto_free char *wanted = utr_format("from x import a\n%s\ndef test_a(): pass\n", CASES[i][1]);
        assert_restored(text, wanted);
    }
}

static void test_several_lines_keep_their_shape(void **state)
{
    (void)state;
    assert_restored("import a\n"
                    "class T:\n"
                    "    # @a.parametrize(\n"
                    "    #     \"x\",  # the name\n"
                    "    #   [1,\n"
                    "    #    2],\n"
                    "    # )  # later\n"
                    "    def test_a(self, x):\n"
                    "        pass\n",
                    "import a\n"
                    "class T:\n"
                    "    @a.parametrize(\n"
                    "        \"x\",  # the name\n"
                    "      [1,\n"
                    "       2],\n"
                    "    )  # later\n"
                    "    def test_a(self, x):\n"
                    "        pass\n");
}

static void test_decorators_among_others_keep_their_order(void **state)
{
    (void)state;
    assert_restored("import a\n"
                    "@a.one\n"
                    "# @a.two\n"
                    "# a word between\n"
                    "\n"
                    "# @a.three\n"
                    "@a.four\n"
                    "def test_a(): pass\n",
                    "import a\n"
                    "@a.one\n"
                    "@a.two\n"
                    "# a word between\n"
                    "\n"
                    "@a.three\n"
                    "@a.four\n"
                    "def test_a(): pass\n");
}

static void test_line_ends_stay_as_they_are(void **state)
{
    (void)state;
    assert_restored("import os\r\n# @pytest.mark.skip # x\r\ndef test_a(): pass\r\n",
                    "import os\r\nimport pytest\r\n@pytest.mark.skip # x\r\ndef test_a(): pass\r\n");
    assert_restored("import a\n# @a\ndef test_a(): pass", "import a\n@a\ndef test_a(): pass");
}

static void test_an_import_that_became_a_comment_comes_back(void **state)
{
    (void)state;
    assert_restored("# from utr import require_docker_services  # TEMPORARILY DISABLED\n"
                    "# @require_docker_services()\n"
                    "def test_a(): pass\n"
                    "# @require_docker_services()\n"
                    "def test_b(): pass\n",
                    "from utr import require_docker_services  # TEMPORARILY DISABLED\n"
                    "@require_docker_services()\n"
                    "def test_a(): pass\n"
                    "@require_docker_services()\n"
                    "def test_b(): pass\n");
    assert_restored("from x import (\n    a,\n    # needs,  # off\n    b,\n)\n# @needs\ndef test_a(): pass\n",
                    "from x import (\n    a,\n    needs,  # off\n    b,\n)\n@needs\ndef test_a(): pass\n");
    assert_restored("# import acme as needs\n# @needs.it\ndef test_a(): pass\n",
                    "import acme as needs\n@needs.it\ndef test_a(): pass\n");
}

static void test_prose_and_other_imports_stay_comments(void **state)
{
    (void)state;
    static const char TEXT[] = "import needs\n"
                               "# import needs it all\n"
                               "# import acme\n"
                               "# @needs.it\n"
                               "def test_a(): pass\n";
    assert_restored(TEXT, "import needs\n"
                          "# import needs it all\n"
                          "# import acme\n"
                          "@needs.it\n"
                          "def test_a(): pass\n");
}

static void test_an_import_of_a_known_library_is_added(void **state)
{
    (void)state;
    assert_restored(
        "\"\"\"Words.\"\"\"\nfrom __future__ import annotations\n\nimport os\n\n# @pytest.mark.slow\n"
        "def test_a(): pass\n# @pytest.mark.slow\ndef test_b(): pass\n",
        "\"\"\"Words.\"\"\"\nfrom __future__ import annotations\n\nimport os\nimport pytest\n\n"
        "@pytest.mark.slow\ndef test_a(): pass\n@pytest.mark.slow\ndef test_b(): pass\n");
    assert_restored("#!/usr/bin/python3\n\"\"\"Words\nand more.\"\"\"\n# @skipIf(True, 'x')\nclass T: pass\n",
                    "#!/usr/bin/python3\n\"\"\"Words\nand more.\"\"\"\nfrom unittest import skipIf\n"
                    "@skipIf(True, 'x')\nclass T: pass\n");
    assert_restored("# @unittest.skip\ndef test_a(): pass\n",
                    "import unittest\n@unittest.skip\ndef test_a(): pass\n");
    assert_restored(
        "from x import (\n    a,\n)\nX = 1\n# @mark.slow\ndef test_a(): pass\n",
        "from x import (\n    a,\n)\nfrom pytest import mark\nX = 1\n@mark.slow\ndef test_a(): pass\n");
}

static void test_a_name_that_is_bound_needs_no_import(void **state)
{
    (void)state;
    static const char *const BINDINGS[] = {
        "import pytest",
        "import os, pytest as pt, pytest",
        "import acme as pytest",
        "from x import pytest",
        "from x import (a,\n  pytest)",
        "from x import *",
        "import pytest.mark",
        "def pytest(): pass",
        "async def pytest(): pass",
        "class pytest: pass",
        "pytest = 1",
        "pytest: int = 1",
        "a, pytest = 1, 2",
        "try:\n    import pytest\nexcept ImportError:\n    pass",
        "with x() as pytest:\n    pass",
        "for pytest in ():\n    pass",
        "if (pytest := 1):\n    pass",
    };
    for (size_t i = 0; i < sizeof BINDINGS / sizeof *BINDINGS; i++) {
        auto_free char *text = utr_format("%s\n# @pytest.mark.slow\ndef test_a(): pass\n", BINDINGS[i]);
        auto_free char *wanted = utr_format("%s\n@pytest.mark.slow\ndef test_a(): pass\n", BINDINGS[i]);
        assert_restored(text, wanted);
    }
}

static void test_what_binds_nothing_here_does_not_count(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {
        "import os",
        "import os.pytest",
        "import pytest as pt",
        "from pytest import fixture",
        "x = \"pytest = 1\"",
        "x(pytest=1)",
        "x.pytest = 1",
        "assert x, pytest == 1",
        "def f():\n    import pytest",
        "def f(pytest):\n    pass",
    };
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        auto_free char *text = utr_format("%s\n# @pytest.mark.slow\ndef test_a(): pass\n", OTHERS[i]);
        auto_restore_change restore_change change = {0};
        make(text, &change);
        if (!strstr(change.text, "import pytest\n") || change.edits.count != 2)
            fail_msg("nothing was added to:\n%s", text);
    }
}

static void test_a_name_of_nowhere_is_told_and_not_guessed(void **state)
{
    (void)state;
    auto_restore_change restore_change change = {0};
    make("import os\n\n# @needs.it()\ndef test_a(): pass\n", &change);
    assert_string_equal(change.text, "import os\n\n@needs.it()\ndef test_a(): pass\n");
    assert_int_equal(change.notes.count, 1);
    assert_string_equal(change.notes.items[0], "3: nothing in this file binds 'needs'; add what imports it");
}

static void test_lines_that_are_not_asked_for_stay(void **state)
{
    (void)state;
    utr_error err = {0};
    static const char TEXT[] = "import a\n# @a.b\ndef test_a(): pass\n# @a.b\ndef test_b(): pass\n";
    restore_lines lines = {0};
    *utr_vec_push(&lines) = 4;
    auto_restore_change restore_change change = {0};
    assert_int_equal(restore_make((tree_text){TEXT, strlen(TEXT)}, &lines, &change, &err), UTR_OK);
    assert_string_equal(change.text, "import a\n# @a.b\ndef test_a(): pass\n@a.b\ndef test_b(): pass\n");
    utr_vec_dispose(&lines);
}

static void test_text_of_no_decorator_does_not_change(void **state)
{
    (void)state;
    auto_restore_change restore_change change = {0};
    make("# @a would be nice\ndef test_a(): pass\n\"\"\"\n# @a\n\"\"\"\n", &change);
    assert_null(change.text);
    assert_int_equal(change.edits.count, 0);
}

static void test_the_difference_has_three_lines_around_it(void **state)
{
    (void)state;
    assert_diff("import a\n2\n3\n4\n5\n# @a.b  # off\ndef test_a():\n    pass\n9\n10\n11\n",
                "--- a/t/test_a.py\n"
                "+++ b/t/test_a.py\n"
                "@@ -3,7 +3,7 @@\n"
                " 3\n"
                " 4\n"
                " 5\n"
                "-# @a.b  # off\n"
                "+@a.b  # off\n"
                " def test_a():\n"
                "     pass\n"
                " 9\n");
}

static void test_differences_that_touch_are_one_hunk(void **state)
{
    (void)state;
    assert_diff("import os\n"
                "# @pytest.mark.a(\n"
                "#   1)\n"
                "def test_a(): pass\n"
                "5\n6\n7\n8\n9\n10\n"
                "# @pytest.mark.b\n"
                "def test_b(): pass\n"
                "# @pytest.mark.c\n"
                "def test_c(): pass",
                "--- a/t/test_a.py\n"
                "+++ b/t/test_a.py\n"
                "@@ -1,6 +1,7 @@\n"
                " import os\n"
                "-# @pytest.mark.a(\n"
                "-#   1)\n"
                "+import pytest\n"
                "+@pytest.mark.a(\n"
                "+  1)\n"
                " def test_a(): pass\n"
                " 5\n"
                " 6\n"
                "@@ -8,7 +9,7 @@\n"
                " 8\n"
                " 9\n"
                " 10\n"
                "-# @pytest.mark.b\n"
                "+@pytest.mark.b\n"
                " def test_b(): pass\n"
                "-# @pytest.mark.c\n"
                "+@pytest.mark.c\n"
                " def test_c(): pass\n"
                "\\ No newline at end of file\n");
}

static void test_names_of_files_are_written_as_git_does(void **state)
{
    (void)state;
    static const char TEXT[] = "import a\n# @a\ndef f(): pass\n";
    static const struct {
        const char *path, *head;
    } CASES[] = {
        {"a b.py", "--- a/a b.py\t\n+++ b/a b.py\t\n@@"},
        {"a\tb\".py", "--- \"a/a\\011b\\042.py\"\n"},
        {"/abs/a.py", "--- a/abs/a.py\n"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        utr_error err = {0};
        auto_restore_change restore_change change = {0};
        auto_buf utr_buf diff = {0};
        make(TEXT, &change);
        assert_int_equal(restore_diff(&change, CASES[i].path, (tree_text){TEXT, strlen(TEXT)}, &diff, &err),
                         UTR_OK);
        assert_memory_equal(utr_buf_text(&diff), CASES[i].head, strlen(CASES[i].head));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_decorator_gets_the_indentation_of_its_definition),
        cmocka_unit_test(test_what_stood_behind_it_stays_as_a_comment),
        cmocka_unit_test(test_several_lines_keep_their_shape),
        cmocka_unit_test(test_decorators_among_others_keep_their_order),
        cmocka_unit_test(test_line_ends_stay_as_they_are),
        cmocka_unit_test(test_an_import_that_became_a_comment_comes_back),
        cmocka_unit_test(test_prose_and_other_imports_stay_comments),
        cmocka_unit_test(test_an_import_of_a_known_library_is_added),
        cmocka_unit_test(test_a_name_that_is_bound_needs_no_import),
        cmocka_unit_test(test_what_binds_nothing_here_does_not_count),
        cmocka_unit_test(test_a_name_of_nowhere_is_told_and_not_guessed),
        cmocka_unit_test(test_lines_that_are_not_asked_for_stay),
        cmocka_unit_test(test_text_of_no_decorator_does_not_change),
        cmocka_unit_test(test_the_difference_has_three_lines_around_it),
        cmocka_unit_test(test_differences_that_touch_are_one_hunk),
        cmocka_unit_test(test_names_of_files_are_written_as_git_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
