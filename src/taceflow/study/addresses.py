"""Addresses of rules that lie in git."""

from collections.abc import Callable
from typing import Any


def joining_text(join: Callable[[Any, str], Any]) -> Callable[[Any, Any], Any]:
    """Return a method that joins paths for paths that are objects, too.

    Parameters
    ----------
    join : callable
        Takes an address and the text of a path.

    Returns
    -------
    callable
        Takes an address, and a path or what has one as its text.
    """
    return lambda address, path: join(address, str(path))
