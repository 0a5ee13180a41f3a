#include "findings.h"

#include "base/buf.h"

static void assert_reach(const char *text, const char *rows)
{
    assert_tests("test_x.py", text, rows);
}

static void test_what_can_fail_a_test_is_counted(void **state)
{
    (void)state;
    assert_reach("def test_a():\n    assert answer() == 42\n    assert x\n", "test_a 1-3 2 asserts\n");
    assert_reach("def test_a():\n    answer()\n", "test_a 1-2 0\n");
    assert_reach("def test_a():\n    answer()\n    assert True\n", "test_a 1-3 0\n");
    assert_reach("def test_a():\n    with pytest.raises(ZeroDivisionError):\n        1 / 0\n",
                 "test_a 1-3 1 asserts\n");
    assert_reach("from pytest import raises\ndef test_a():\n    with raises(X):\n        1 / 0\n",
                 "test_a 2-4 1 asserts\n");
    assert_reach("class A(TestCase):\n    def test_a(self):\n        self.assertEqual(answer(), 42)\n"
                 "        if x:\n            self.fail('x')\n",
                 "A.test_a 2-5 2 asserts\n");
    assert_reach("from numpy.testing import assert_allclose\ndef test_a():\n    assert_allclose(a, b)\n",
                 "test_a 2-3 1 asserts\n");
}

static void test_what_a_mock_says_of_itself_fails_no_test(void **state)
{
    (void)state;
    assert_reach("def test_a(m):\n    m.assert_called_once()\n    m.assert_not_called()\n"
                 "    m.assert_has_calls([])\n",
                 "test_a 1-4 0\n");
}

static void test_helpers_of_the_file_assert_for_a_test(void **state)
{
    (void)state;
#define HELPER(name) "def " name "(x):\n    assert x\n"
    assert_reach(HELPER("check_answer") "def test_a():\n    check_answer(answer())\n",
                 "test_a 3-4 1 asserts\n");
    assert_reach(HELPER("assert_answer") "def test_a():\n    assert_answer(1)\n", "test_a 3-4 1 asserts\n");
    assert_reach(HELPER("compare") "def test_a():\n    x = compare(answer())\n", "test_a 3-4 0 asserts\n");
    assert_reach(HELPER("compare") "def through():\n    return compare(1)\n"
                                   "def test_a():\n    through()\n",
                 "test_a 5-6 0 asserts\n");
    assert_reach("def assert_nothing():\n    pass\ndef test_a():\n    assert_nothing()\n", "test_a 3-4 0\n");
    assert_reach(HELPER("compare") "def test_a():\n    answer()\n", "test_a 3-4 0\n");
    assert_reach("@pytest.fixture\n" HELPER("client") "def test_a(client):\n    answer()\n",
                 "test_a 4-5 0 asserts\n");
    assert_reach("class TestA:\n    def _eq(self):\n        assert x\n    def test_a(self):\n"
                 "        self._eq()\n",
                 "TestA.test_a 4-5 0 asserts\n");
#undef HELPER
}

static void test_a_mock_in_a_test_is_seen(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        "    x = mock.Mock()\n",
        "    x = [MagicMock(return_value=1)]\n",
        "    monkeypatch.setattr('os.sep', '/')\n",
        "    with monkeypatch.context() as m:\n        answer()\n",
        "    with patch('os.sep'):\n        answer()\n",
        "    with mock.patch.object(a, 'b'):\n        answer()\n",
        "    self.patch(a, 'b', c)\n",
        "    p = patch('os.sep'); p.start()\n",
        "    r = fakeredis.FakeStrictRedis()\n",
        "    from fakes import FakeRedis\n    FakeRedis()\n",
        "    x = sqlite3.connect(\":memory:\")\n",
        "    x = create_engine(f'sqlite:///{path}')\n",
    };
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        auto_buf utr_buf text = {0};
        utr_buf_print(&text, "def test_a():\n    assert x\n%s    assert y\n", BODIES[i]);
        auto_scan_file scan_file file = {0};
        utr_error err = {0};
        auto_scan scan *scanner = NULL;
        assert_int_equal(scan_open(&(scan_options){.tests = true}, &scanner, &err), UTR_OK);
        scan_text(scanner, "test_x.py", text.data, text.len, &file);
        assert_int_equal(file.tests.count, 1);
        if (!file.tests.items[0].mocks)
            fail_msg("no mock in:\n%s", text.data);
    }
}

static void test_every_word_for_a_mock_is_known(void **state)
{
    (void)state;
    static const char *const CALLED[] = {
        "Mock",      "MagicMock",       "AsyncMock",       "NonCallableMock",     "PropertyMock",
        "mock_open", "create_autospec", "FakeRedis",       "FakeStrictRedis",     "FakeAsyncRedis",
        "patch",     "mongomock.Mongo", "httpretty.reset", "monkeypatch.setattr", "monkeypatch.setitem",
        "mocker.x",  "fakeredis.x",     "aioresponses",    "monkeypatch.delattr", "monkeypatch.delitem",
    };
    static const char *const TAKEN[] = {
        "mocker",        "class_mocker", "module_mocker", "package_mocker", "session_mocker",
        "requests_mock", "respx_mock",   "httpx_mock",    "aioresponses",   "responses",
        "respx",         "vcr",          "moto",
    };
    for (size_t i = 0; i < sizeof CALLED / sizeof *CALLED; i++) {
        auto_free char *text = utr_format("def test_a():\n    assert %s(x)\n", CALLED[i]);
        assert_reach(text, "test_a 1-2 1 asserts mocks\n");
    }
    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++) {
        auto_free char *text = utr_format("def test_a(x, %s):\n    assert x\n", TAKEN[i]);
        assert_reach(text, "test_a 1-2 1 asserts mocks\n");
    }
}

static void test_decorators_and_parameters_mock_too(void **state)
{
    (void)state;
    assert_reach("@mock.patch('os.sep', '/')\ndef test_a():\n    assert x\n", "test_a 2-3 1 asserts mocks\n");
    assert_reach("@patch.object(a, 'b')\nclass TestA:\n    def test_a(self):\n        assert x\n",
                 "TestA.test_a 3-4 1 asserts mocks\n");
    assert_reach("def test_a(mocker):\n    assert x\n", "test_a 1-2 1 asserts mocks\n");
    assert_reach("def test_a(a, *, responses: X = None):\n    assert x\n", "test_a 1-2 1 asserts mocks\n");
    assert_reach("import vcr\n@vcr.use_cassette('a.yaml')\ndef test_a():\n    assert x\n",
                 "test_a 3-4 1 asserts mocks\n");
    assert_reach(
        "from unittest.mock import MagicMock as M, patch as p\n@p('x')\ndef test_a():\n    assert x\n"
        "def test_b():\n    assert M()\n",
        "test_a 3-4 1 asserts mocks\ntest_b 5-6 1 asserts mocks\n");
}

static void test_what_a_test_uses_of_its_file_mocks_for_it(void **state)
{
    (void)state;
    assert_reach("@pytest.fixture\ndef fake():\n    return mock.Mock()\n"
                 "@pytest.fixture\ndef client(fake):\n    return fake\n"
                 "def test_a(fake):\n    assert fake\ndef test_b(client):\n    assert x\n"
                 "def test_c():\n    assert x\n",
                 "test_a 7-8 1 asserts mocks\ntest_b 9-10 1 asserts mocks\ntest_c 11-12 1 asserts\n");
    assert_reach("def fake_answer():\n    return mock.Mock(return_value=42)()\n"
                 "def test_a():\n    assert fake_answer() == 42\n",
                 "test_a 3-4 1 asserts mocks\n");
    assert_reach(
        "class A(TestCase):\n    def setUp(self):\n        self.x = MagicMock()\n"
        "    def test_a(self):\n        assert x\nclass B(A):\n    def test_b(self):\n"
        "        assert x\nclass TestC:\n    def test_c(self):\n        assert x\n",
        "A.test_a 4-5 1 asserts mocks\nB.test_b 7-8 1 asserts mocks\nTestC.test_c 10-11 1 asserts\n");
    assert_reach(
        "class A(TestCase):\n    def setUp(self):\n        assert x\n    def test_a(self):\n        pass\n"
        "class B(A):\n    def test_b(self):\n        pass\n",
        "A.test_a 4-5 0 asserts\nB.test_b 7-8 0\n");
    assert_reach("class TestA:\n    x = FakeRedis()\n    def test_a(self):\n        assert x\n",
                 "TestA.test_a 3-4 1 asserts mocks\n");
}

static void test_what_only_looks_like_a_mock_is_none(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        "    monkeypatch.setenv('ANSWER', '42')\n",
        "    client.patch('/x', json={})\n",
        "    responses = [get('/')]\n    len(responses)\n",
        "    x = mock.ANY\n",
        "    connect('postgresql://:memory:')\n",
        "    # MagicMock()\n    'MagicMock()'\n",
        "    f(patch=1, Mock=2)\n",
        "    def helper():\n        pass\n",
        "    setattr(a, 'b', 1)\n",
        "    from fastapi.responses import JSONResponse\n    JSONResponse()\n",
    };
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        auto_buf utr_buf text = {0}, rows = {0};
        int lines = 3;
        for (const char *at = BODIES[i]; *at; at++)
            lines += *at == '\n';
        utr_buf_print(&text, "def test_a():\n    assert x\n%s    assert y\n", BODIES[i]);
        utr_buf_print(&rows, "test_a 1-%d 2 asserts\n", lines);
        assert_reach(text.data, rows.data);
    }
    assert_reach("from jsonpatch import patch\ndef test_a():\n    assert patch(x)\n",
                 "test_a 2-3 1 asserts\n");
    assert_reach("from fastapi import responses\ndef test_a():\n    assert responses.JSONResponse()\n",
                 "test_a 2-3 1 asserts\n");
}

static void test_a_failure_that_is_hidden_swallows(void **state)
{
    (void)state;
    assert_reach("def test_a():\n    try:\n        assert answer() == 43\n    except AssertionError:\n"
                 "        print('never mind')\n",
                 "test_a 1-5 1 asserts swallows\n");
    assert_reach("def test_a():\n    with contextlib.suppress(Exception):\n        assert answer() == 43\n",
                 "test_a 1-3 1 asserts swallows\n");
    assert_reach(
        "def test_a():\n    with a as b, suppress(OSError, AssertionError) as c:\n        assert x\n",
        "test_a 1-3 1 asserts swallows\n");
    assert_reach("def check_x():\n    assert x\ndef test_a():\n    try:\n        check_x()\n    except:\n"
                 "        log()\n",
                 "test_a 3-7 1 asserts swallows\n");
}

static void test_a_failure_that_is_answered_does_not(void **state)
{
    (void)state;
    static const char *const HANDLERS[] = {
        "    except AssertionError as e:\n        raise RuntimeError from e\n",
        "    except Exception:\n        pytest.fail('x')\n",
        "    except Exception as e:\n        assert e is None\n",
        "    except ValueError:\n        pass\n",
        "    except (ValueError, KeyError):\n        pass\n",
        "    finally:\n        answer()\n",
        "    except Exception:\n        pass\n    assert y\n",
    };
    for (size_t i = 0; i < sizeof HANDLERS / sizeof *HANDLERS; i++) {
        auto_buf utr_buf text = {0};
        auto_scan_file scan_file file = {0};
        utr_error err = {0};
        auto_scan scan *scanner = NULL;
        utr_buf_print(&text, "def test_a():\n    try:\n        assert x\n%s", HANDLERS[i]);
        assert_int_equal(scan_open(&(scan_options){.tests = true}, &scanner, &err), UTR_OK);
        scan_text(scanner, "test_x.py", text.data, text.len, &file);
        assert_int_equal(file.tests.count, 1);
        assert_true(file.tests.items[0].asserts);
        if (file.tests.items[0].swallows)
            fail_msg("swallows:\n%s", text.data);
    }
    assert_reach("def test_a():\n    with suppress(ValueError):\n        assert x\n",
                 "test_a 1-3 1 asserts\n");
}

static void test_a_test_ends_where_its_last_statement_does(void **state)
{
    (void)state;
    assert_reach("@x\ndef test_a():\n    assert x\n    y = [\n        1,\n\n        2]\n    # note\n\n\n# "
                 "end\nz = 1\n",
                 "test_a 2-7 1 asserts\n");
    assert_reach("def test_a(): assert x\ndef test_b():\n    f('''\n\n''')",
                 "test_a 1-1 1 asserts\ntest_b 2-5 0\n");
}

static void test_tests_that_only_some_runner_takes_for_such_are_told_too(void **state)
{
    (void)state;
    assert_reach("def testA():\n    assert x\nclass ATests(Base):\n    def test_b(self):\n        assert x\n"
                 "def helper():\n    assert x\n@pytest.fixture\ndef test_c():\n    assert x\n",
                 "testA 1-2 1 asserts\nATests.test_b 4-5 1 asserts\n");
}

static void test_ten_thousand_helpers_that_call_each_other_are_followed_in_no_time(void **state)
{
    (void)state;
    auto_buf utr_buf text = {.limit = 64 << 20}, rows = {.limit = 64 << 20};
    utr_buf_puts(&text, "def f0():\n    Mock()\n");
    for (int i = 1; i < 10000; i++)
        utr_buf_print(&text, "def f%d(): f%d(); f%d()\n", i, i - 1, (i * 7) % 10000);
    for (int i = 0; i < 5000; i++) {
        utr_buf_print(&text, "def test_%d(): f9999()\n", i);
        utr_buf_print(&rows, "test_%d %d-%d 0 mocks\n", i, 10002 + i, 10002 + i);
    }
    assert_reach(text.data, rows.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_can_fail_a_test_is_counted),
        cmocka_unit_test(test_what_a_mock_says_of_itself_fails_no_test),
        cmocka_unit_test(test_helpers_of_the_file_assert_for_a_test),
        cmocka_unit_test(test_a_mock_in_a_test_is_seen),
        cmocka_unit_test(test_every_word_for_a_mock_is_known),
        cmocka_unit_test(test_decorators_and_parameters_mock_too),
        cmocka_unit_test(test_what_a_test_uses_of_its_file_mocks_for_it),
        cmocka_unit_test(test_what_only_looks_like_a_mock_is_none),
        cmocka_unit_test(test_a_failure_that_is_hidden_swallows),
        cmocka_unit_test(test_a_failure_that_is_answered_does_not),
        cmocka_unit_test(test_a_test_ends_where_its_last_statement_does),
        cmocka_unit_test(test_tests_that_only_some_runner_takes_for_such_are_told_too),
        cmocka_unit_test(test_ten_thousand_helpers_that_call_each_other_are_followed_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
