import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=[item for item in items if "slow" in item.name])
    items[:] = [item for item in items if "kept" in item.name]
    items[0]._nodeid += "[renamed]"
