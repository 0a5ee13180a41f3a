def test_kept():
    pass


def test_deselected_since_it_is_slow():
    pass


def test_gone():
    assert False
