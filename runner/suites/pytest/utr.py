"""What a suite imports to say which real services its tests need.

    from utr import require_docker_services

    @require_docker_services("postgres-test", "redis-test")
    def test_orders_survive_a_restart(): ...

The decorator goes on a function, a method or a class, with the names of services, or without any: then the test
owes proof from every service of its category. A test that carries it fails when no runner watches it; it never
skips.
"""

import functools
import inspect

HOW_TO_RUN = (
    "this test needs real services and the runner that watches them: "
    "run it with `unified_test_runner --real-services --category NAME`"
)

#: Names of the run's services, set by the plugin; None: no runner is there.
services = None


def fail_without_runner():
    """Fail the running test when no runner watches it."""
    if services is None:
        import pytest

        pytest.fail(HOW_TO_RUN, pytrace=False)


def _guard_class(target):
    import pytest

    @pytest.fixture(autouse=True, name="_utr_guard")
    def guard(self):
        fail_without_runner()

    target._utr_guard = guard
    return target


def _guard_function(target):
    if inspect.iscoroutinefunction(target):

        @functools.wraps(target)
        async def guarded(*args, **kwargs):
            fail_without_runner()
            return await target(*args, **kwargs)

    else:

        @functools.wraps(target)
        def guarded(*args, **kwargs):
            fail_without_runner()
            return target(*args, **kwargs)

    return guarded


def _apply(target, names):
    import pytest

    if isinstance(target, (staticmethod, classmethod)):
        return type(target)(_apply(target.__func__, names))
    if not callable(target):
        raise TypeError(
            f"@require_docker_services goes on a function, a method or a class, not on {type(target).__name__}"
        )
    guarded = _guard_class(target) if inspect.isclass(target) else _guard_function(target)
    return pytest.mark.require_docker_services(*names)(guarded)


def require_docker_services(*names):
    """Require real services of a test; see the module's text."""
    if len(names) == 1 and not isinstance(names[0], str):
        return _apply(names[0], ())
    for name in names:
        if not isinstance(name, str) or not name:
            raise TypeError(f"@require_docker_services takes the names of services, not {name!r}")
    return lambda target: _apply(target, names)
