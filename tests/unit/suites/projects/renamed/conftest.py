import copy


def pytest_collection_modifyitems(items):
    for item in items:
        item._nodeid += "-renamed" if item.name != "test_twice" else ""
    items.append(copy.copy(next(item for item in items if item.name == "test_twice")))
    items.reverse()
