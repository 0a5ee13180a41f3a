#include "findings.h"

#include "base/vec.h"

#include <string.h>

static void assert_mocks(const char *text, const char *rows)
{
    assert_findings_of("mock", "test_x.py", text, rows);
}

static void test_mock_imports_are_found_at_any_depth(void **state)
{
    (void)state;
    assert_mocks("import unittest.mock\n", "mock import/unittest.mock 1 -\n");
    assert_mocks("import os, mock as m\n", "mock import/mock 1 -\n");
    assert_mocks("from unittest import mock\n", "mock import/unittest.mock 1 -\n");
    assert_mocks("from unittest import (\n    TestCase,\n    mock as m,\n)\n",
                 "mock import/unittest.mock 1 -\n");
    assert_mocks("from unittest.mock import Mock, patch\n", "mock import/unittest.mock 1 -\n");
    assert_mocks("from mock import *\n", "mock import/mock 1 -\n");
    assert_mocks("class A:\n  def test_a(self):\n    if x: import fakeredis\n",
                 "mock import/fakeredis 3 A.test_a\n");
    assert_mocks("try:\n    import mock\nexcept ImportError:\n    from unittest import mock\n",
                 "mock import/mock 2 -\nmock import/unittest.mock 4 -\n");
    assert_mocks("from __future__ import mock\n", "");
}

static void test_mock_imports_know_the_modules_of_services(void **state)
{
    (void)state;
    static const char *const MOCKS[] = {"pytest_mock", "fakeredis", "moto", "mongomock", "responses",
                                        "respx",       "httpretty", "vcr",  "mock",      "unittest.mock"};
    static const char *const OTHERS[] = {"freezegun", "fastapi.responses", "mocks", "responses2", "unittest",
                                         "tempfile",  "my.mock",           "vcrpy", "motor"};
    for (size_t i = 0; i < sizeof MOCKS / sizeof *MOCKS; i++) {
        auto_free char *text = utr_format("import %s\nfrom %s import x, y\nfrom %s.sub import x\n", MOCKS[i],
                                          MOCKS[i], MOCKS[i]);
        auto_free char *rows = utr_format("mock import/%s 1 -\nmock import/%s 2 -\nmock import/%s.sub 3 -\n",
                                          MOCKS[i], MOCKS[i], MOCKS[i]);
        assert_mocks(text, rows);
    }
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        auto_free char *text = utr_format("import %s\nfrom %s import x\n", OTHERS[i], OTHERS[i]);
        assert_mocks(text, "");
    }
    assert_mocks("from fastapi import responses\nfrom x import mock\nimport_module('moto')\n", "");
}

static void test_mock_imports_are_told_once_for_each_module_and_statement(void **state)
{
    (void)state;
    assert_mocks("from unittest import mock, mock as m, TestCase\n", "mock import/unittest.mock 1 -\n");
    assert_mocks("import moto, mock, moto as n\n", "mock import/mock 1 -\nmock import/moto 1 -\n");
    assert_mocks("import moto; import moto\n", "mock import/moto 1 -\nmock import/moto 1 -\n");
}

static void test_mock_imports_from_the_own_package_are_none(void **state)
{
    (void)state;
    assert_mocks("from . import mock\nfrom .mock import x\nfrom ..unittest import mock\nfrom .unittest.mock "
                 "import x\n",
                 "");
}

static void test_mock_imports_know_the_modules_that_the_manifest_names(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_strs utr_strs mocks = {0};
    utr_strs_add(&mocks, "acme.fakes");
    auto_scan scan *scanner = NULL;
    assert_int_equal(scan_open(&(scan_options){.mocks = &mocks}, &scanner, &err), UTR_OK);
    static const char text[] =
        "import acme.fakes.redis\nfrom acme import fakes, other\nimport acme.fakesome\n";
    auto_scan_file scan_file file = {0};
    scan_text(scanner, "test_x.py", text, strlen(text), &file);
    assert_int_equal(file.findings.count, 2);
    assert_string_equal(file.findings.items[0].subkind, "import/acme.fakes.redis");
    assert_string_equal(file.findings.items[1].subkind, "import/acme.fakes");
}

#define IMPORT "from unittest.mock import patch as p\n"

static void test_mock_decorators_are_calls_of_patch(void **state)
{
    (void)state;
    assert_mocks("@patch('a')\n@mock.patch.object(\n    a, 'b')\nclass A: pass\n",
                 "mock decorator/patch 1 A\nmock decorator/patch.object 2 A\n");
    assert_mocks("@unittest.mock.patch('a')\ndef test_a(x): f()\n", "mock decorator/patch 1 test_a\n");
    assert_mocks("from x import mock\n@mock.patch('a')\ndef test_a(x): f()\n",
                 "mock decorator/patch 2 test_a\n");
    assert_mocks(IMPORT "@p('a')\n@p.object(a, 'b')\n@p.multiple('a')\ndef test_a(x): f()\n",
                 "mock import/unittest.mock 1 -\nmock decorator/patch 2 test_a\n"
                 "mock decorator/patch.object 3 test_a\nmock decorator/patch.multiple 4 test_a\n");
    assert_mocks("from x import patch\n@patch('a')\n@patch.object(a)\ndef test_a(x): f()\n", "");
    assert_mocks("from .mock import patch\n@patch('a')\ndef test_a(x): f()\n", "");
    assert_mocks("@patch\n@patch.dict(x)\n@mock.patch.dict(x)\n@a.mock.patch('x')\n@client.patch('/x')\n"
                 "@p('x')\n@patch.other(x)\ndef test_a(): f()\n",
                 "");
}

static void test_mock_items_of_a_with_stand_each_at_its_own_line(void **state)
{
    (void)state;
    assert_mocks("def test_a():\n  with patch('a'), \\\n      mock.patch.object(b, 'c') as d, x:\n    f()\n",
                 "mock with/patch 2 test_a\nmock with/patch.object 3 test_a\n");
    assert_mocks("with (\n    patch('a') as a,\n    x,\n    patch('b'),\n):\n    f()\n",
                 "mock with/patch 2 -\nmock with/patch 4 -\n");
    assert_mocks("with (patch('a'), patch('b')):\n    f()\n", "mock with/patch 1 -\nmock with/patch 1 -\n");
    assert_mocks("with (mock.patch('a'), mock.patch('b')) as c:\n    f()\n",
                 "mock call/patch 1 -\nmock call/patch 1 -\n");
    assert_mocks("with (patch('a')):\n    f()\n", "mock with/patch 1 -\n");
    assert_mocks("async def test_a():\n  async with patch('a'):\n    f()\n", "mock with/patch 2 test_a\n");
    assert_mocks("from x import patch\nwith patch('a'), patch.object(b):\n    f()\n", "");
    assert_mocks("with patch.dict(x), patch, a.patch('x'):\n    f()\n", "");
}

static void test_mock_calls_elsewhere_are_told_where_they_are_surely_some(void **state)
{
    (void)state;
    assert_mocks("def test_a():\n  p = mock.patch('a')\n  p.start()\n", "mock call/patch 2 test_a\n");
    assert_mocks("with stack(mock.patch('a')) as b:\n    f()\n", "mock call/patch 1 -\n");
    assert_mocks(IMPORT "s.enter_context(p.object(a, 'b'))\n",
                 "mock import/unittest.mock 1 -\nmock call/patch.object 2 -\n");
    assert_mocks("p = patch('a')\n", "");
}

static void test_mock_fixtures_are_known_by_the_name_of_the_parameter(void **state)
{
    (void)state;
    assert_mocks("def test_a(x,\n           mocker): f()\n", "mock fixture/mocker 2 test_a\n");
    assert_mocks("def test_a(mocker: MockerFixture, *, b=1): f()\n", "mock fixture/mocker 1 test_a\n");
    assert_mocks("def helper(a, *, mocker=None): f()\n", "mock fixture/mocker 1 helper\n");
    assert_mocks("class A:\n  async def b(self, mocker: M = None): f()\n", "mock fixture/mocker 2 A.b\n");
    assert_mocks("def test_a(session_mocker): f()\n", "mock fixture/session_mocker 1 test_a\n");
    assert_mocks(
        "def test_a(mocker2, m: mocker, n=mocker, o: x = mocker): mocker()\nlambda mocker: 1\nmocker = 1\n",
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mock_imports_are_found_at_any_depth),
        cmocka_unit_test(test_mock_imports_know_the_modules_of_services),
        cmocka_unit_test(test_mock_imports_are_told_once_for_each_module_and_statement),
        cmocka_unit_test(test_mock_imports_from_the_own_package_are_none),
        cmocka_unit_test(test_mock_imports_know_the_modules_that_the_manifest_names),
        cmocka_unit_test(test_mock_decorators_are_calls_of_patch),
        cmocka_unit_test(test_mock_items_of_a_with_stand_each_at_its_own_line),
        cmocka_unit_test(test_mock_calls_elsewhere_are_told_where_they_are_surely_some),
        cmocka_unit_test(test_mock_fixtures_are_known_by_the_name_of_the_parameter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
