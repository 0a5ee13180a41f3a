"""Strings that JSON, UTF-8 and the runner's limits can carry."""

import hashlib
import os
from json.encoder import encode_basestring

MOST = 6000
HERE = os.getcwd()
_places = {}


def text(value, most=MOST):
    plain = str(value).replace("\0", "\\0").encode("utf-8", "replace").decode()
    return plain if len(plain) <= most else plain[:most] + "..."


def name(nodeid):
    """A node id as the runner is told it: long ones stay distinct when they are cut."""
    if len(nodeid) <= MOST and nodeid.isascii() and "\0" not in nodeid:
        return nodeid
    plain = text(nodeid, len(nodeid) * 2)
    if len(plain.encode()) <= MOST:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:16]
    return plain.encode()[: MOST - 32].decode("utf-8", "ignore") + "..." + digest


def place(path, line, base=HERE):
    """File and line relative to where pytest was started; None for what lies elsewhere, such as in a library."""
    path = str(path)
    inside = _places.get((path, base))
    if inside is None:
        inside = _places[path, base] = text(os.path.relpath(os.path.join(base, path), HERE))
    return None if inside.startswith("..") else (inside, line or 0)


def quoted(value):
    """JSON of a string that text() or name() gave; control characters are escaped."""
    return encode_basestring(value)
