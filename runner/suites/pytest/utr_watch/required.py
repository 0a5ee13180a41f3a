"""What a test says that it needs: @require_docker_services, or the marker of that name."""

import pytest
import utr

MARKER = "require_docker_services"


def is_marked(item):
    """As get_closest_marker() finds it. Each test is asked twice, and hardly any node has marks."""
    node = item
    while node is not None:
        for mark in node.own_markers:
            if mark.name == MARKER:
                return True
        node = node.parent
    return False


def names(item):
    """The services that a test requires; without names: all."""
    named = []
    for marker in item.iter_markers(MARKER):
        named += marker.args or utr.services or ()
    return list(dict.fromkeys(str(one) for one in named))


def known(item):
    """Those of them that this run has."""
    return [one for one in names(item) if one in (utr.services or ())]


def fail_where_unknown(item):
    unknown = [one for one in names(item) if one not in utr.services]
    if unknown or not utr.services:
        wrong = ", ".join(repr(one) for one in unknown) or "every service"
        has = ", ".join(utr.services) or "none"
        pytest.fail(f"@{MARKER} names {wrong}; this run knows: {has}", pytrace=False)
