import unittest

from utr import require_docker_services


@require_docker_services("db")
def test_function():
    pass


@require_docker_services
class TestClass:
    def test_method(self):
        pass


@require_docker_services()
class TestCase(unittest.TestCase):
    def test_case(self):
        pass
