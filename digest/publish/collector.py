"""Python's garbage collector, and how often it looks while a site is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 100_000  # made between two looks; 5,000 papers took 5 MB more, a third of a small change's time less


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let it look less often: it would walk all pages each time, and they are no garbage."""
    usual = gc.get_threshold()
    gc.set_threshold(max(_OBJECTS, usual[0]), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
