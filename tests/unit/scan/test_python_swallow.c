#include "findings.h"

#include "base/buf.h"

/* A test whose assertion stands in a try, with a handler that is told line by line, indented by four. */
static void assert_handled(const char *handler, const char *subkind)
{
    char text[512], rows[128] = "";
    (void)snprintf(
        text, sizeof text,
        "import logging, pytest\n\n\ndef test_a(self):\n    try:\n        assert answer() == 42\n%s",
        handler);
    if (subkind)
        (void)snprintf(rows, sizeof rows, "swallowed %s 4 test_a\n", subkind);
    assert_findings("test_x.py", text, rows);
}

static void assert_text(const char *text, const char *rows)
{
    assert_findings("test_x.py", text, rows);
}

static void test_a_handler_that_does_nothing_swallows(void **state)
{
    (void)state;
    assert_handled("    except Exception:\n        pass\n", "except-Exception/pass");
    assert_handled("    except:\n        pass\n", "except-bare/pass");
    assert_handled("    except BaseException as e:\n        ...\n", "except-BaseException/constant");
    assert_handled("    except AssertionError:\n        'never mind'\n", "except-AssertionError/constant");
    assert_handled("    except (ValueError, Exception) as e:\n        print(e)\n", "except-Exception/print");
    assert_handled("    except builtins.Exception:\n        return\n", "except-Exception/return");
    assert_handled("    except Exception:\n        return False\n", "except-Exception/return");
    assert_handled("    except Exception as e:\n        logging.warning('x %s', e)\n        pass\n",
                   "except-Exception/log+pass");
    assert_handled("    except Exception as e:\n        self.get_logger('x').exception(e)\n",
                   "except-Exception/log");
    assert_handled("    except ValueError:\n        raise\n    except Exception:\n        pass\n",
                   "except-Exception/pass");
    assert_handled("    except Exception:\n        pass\n    except AssertionError:\n        raise\n",
                   "except-Exception/pass");
    assert_handled(
        "    except Exception:\n        pass\n    else:\n        pass\n    finally:\n        answer()\n",
        "except-Exception/pass");
}

static void test_a_handler_that_answers_does_not(void **state)
{
    (void)state;
    assert_handled("    except Exception:\n        raise\n", NULL);
    assert_handled("    except Exception:\n        print('x')\n        raise ValueError\n", NULL);
    assert_handled("    except Exception:\n        clean_up()\n", NULL);
    assert_handled("    except Exception as e:\n        self.errors = e\n", NULL);
    assert_handled("    except Exception as e:\n        dialog.show(e)\n", NULL);
    assert_handled("    except Exception as e:\n        self.session.error(e)\n", NULL);
    assert_handled("    except Exception:\n        if x:\n            pass\n", NULL);
    assert_handled("    except ValueError:\n        pass\n", NULL);
    assert_handled("    except (ValueError, KeyError):\n        pass\n", NULL);
    assert_handled("    except my.Exception:\n        pass\n", NULL);
    assert_handled("    except AssertionError:\n        raise\n    except Exception:\n        pass\n", NULL);
    assert_handled("    finally:\n        pass\n", NULL);
}

static void test_what_stands_outside_the_try_still_fails_the_test(void **state)
{
    (void)state;
    assert_handled("    except Exception:\n        pass\n    assert x\n", NULL);
    assert_handled("    except Exception:\n        pass\n    else:\n        assert x\n", NULL);
    assert_handled("    except Exception:\n        pass\n    finally:\n        self.assertTrue(x)\n", NULL);
    assert_handled("    except ValueError:\n        self.fail('x')\n    except Exception:\n        pass\n",
                   NULL);
    assert_handled("    except Exception:\n        pass\n    self.check(x)\n", NULL);
    assert_handled("    except Exception:\n        pass\n    with pytest.raises(X):\n        pass\n", NULL);
    assert_handled("    except Exception:\n        pass\n    if x:\n        raise AssertionError\n", NULL);
    assert_handled("    except Exception:\n        pass\n    assert True\n", "except-Exception/pass");
    assert_handled("    except Exception:\n        pass\n    answer()\n", "except-Exception/pass");
}

static void test_pytest_skip_swallows_and_pytest_fail_gets_through(void **state)
{
    (void)state;
    assert_text("from pytest import skip as s\n\n\ndef test_a():\n    try:\n        assert x\n"
                "    except Exception:\n        s('not today')\n",
                "swallowed except-Exception/skip 4 test_a\nskip call/pytest.skip/cond 8 test_a\n");
    assert_text("import pytest\n\n\ndef test_a():\n    try:\n        assert x\n        pytest.fail('y')\n"
                "    except Exception:\n        pass\n",
                "");
    assert_text("import pytest\n\n\ndef test_a():\n    try:\n        assert x\n        pytest.fail('y')\n"
                "    except:\n        pass\n",
                "swallowed except-bare/pass 4 test_a\n");
}

static void test_a_handler_that_raises_leaves_it_to_the_next_try_outwards(void **state)
{
    (void)state;
#define NESTED(inner, outer)                                                                                 \
    "def test_a():\n    try:\n        try:\n            self.assertEqual(a, b)\n        except Exception:\n" \
    "            " inner "\n    except AssertionError:\n        " outer "\n"
    assert_text(NESTED("raise", "pass"), "swallowed except-AssertionError/pass 1 test_a\n");
    assert_text(NESTED("pass", "raise"), "swallowed except-Exception/pass 1 test_a\n");
    assert_text(NESTED("raise", "raise"), "");
    assert_text(NESTED("answer()", "pass"), "");
#undef NESTED
    assert_text(
        "def test_a():\n    try:\n        try:\n            assert x\n        finally:\n            y()\n"
        "    except Exception:\n        pass\n",
        "swallowed except-Exception/pass 1 test_a\n");
}

static void test_every_assertion_must_be_swallowed_and_the_first_is_told(void **state)
{
    (void)state;
    assert_text("class TestA:\n    async def test_a(self):\n        for x in y:\n            try:\n"
                "                await self.assertLater(x)\n            except Exception:\n"
                "                continue\n        try:\n            assert z\n        except:\n"
                "            pass\n",
                "swallowed except-Exception/continue 2 TestA.test_a\n");
    assert_text("def test_a():\n    try:\n        pass\n    except Exception:\n        pass\n    answer()\n",
                "no-assert - 1 test_a\n");
    assert_text("def test_a():\n    try:\n        check(x)\n    except Exception:\n        pass\n", "");
    assert_text("def help():\n    try:\n        assert x\n    except Exception:\n        pass\n", "");
    assert_text("def test_a():\n    with suppress(Exception):\n        assert x\n", "");
}

static void test_tries_without_end_are_read_in_no_time(void **state)
{
    (void)state;
    auto_buf utr_buf text = {.limit = 64 << 20};
    utr_buf_puts(&text, "def test_a():\n");
    for (int depth = 1; depth < 200; depth++)
        utr_buf_print(&text, "%*stry:\n", depth, "");
    for (int i = 0; i < 20000; i++)
        utr_buf_print(&text, "%*sassert x\n", 200, "");
    for (int depth = 199; depth; depth--)
        utr_buf_print(&text, "%*sexcept Exception:\n%*sraise\n", depth, "", depth + 1, "");
    assert_text(utr_buf_text(&text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_handler_that_does_nothing_swallows),
        cmocka_unit_test(test_a_handler_that_answers_does_not),
        cmocka_unit_test(test_what_stands_outside_the_try_still_fails_the_test),
        cmocka_unit_test(test_pytest_skip_swallows_and_pytest_fail_gets_through),
        cmocka_unit_test(test_a_handler_that_raises_leaves_it_to_the_next_try_outwards),
        cmocka_unit_test(test_every_assertion_must_be_swallowed_and_the_first_is_told),
        cmocka_unit_test(test_tries_without_end_are_read_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
