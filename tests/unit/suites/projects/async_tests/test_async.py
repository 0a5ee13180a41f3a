import asyncio
import unittest

import pytest

from utr import require_docker_services


@pytest.mark.asyncio
@require_docker_services("db")
async def test_awaits():
    await asyncio.sleep(0)


@pytest.mark.asyncio
@require_docker_services("db")
async def test_awaits_and_fails():
    await asyncio.sleep(0)
    assert False


@require_docker_services("cache")
class TestAwaiting(unittest.IsolatedAsyncioTestCase):
    async def test_awaits(self):
        await asyncio.sleep(0)
