"""A count with its noun, and words that agree with it: ``1 patient lies``, ``3 patients lie``."""

import re

_HEAD_ENDS = re.compile(
    r" (?:at|beyond|between|by|followed|from|in|of|off|on|that|to|up|who|with|without)\b|$"
)


def counted(number: int, kind: str) -> str:
    """Return a number with its kind, which is named in the singular.

    >>> counted(1, "death by 12 months")
    '1 death by 12 months'
    >>> counted(2, "patient who outlives a death")
    '2 patients who outlive a death'
    """
    return f"{number} {agreeing(number, kind)}"


def agreeing(number: int, one: str, more: str = "") -> str:
    """Return `one` beside a 1, else `more`, or the plural of `one`.

    >>> agreeing(1, "lies", "lie"), agreeing(0, "lies", "lie")
    ('lies', 'lie')
    >>> agreeing(3, "duplicate slice"), agreeing(3, "entry"), agreeing(3, "CT series")
    ('duplicate slices', 'entries', 'CT series')
    """
    if number == 1:
        return one
    if more:
        return more
    end = _HEAD_ENDS.search(one).start()
    head, rest = one[:end], one[end:].replace(" outlives ", " outlive ")
    if head.endswith("s"):
        return one
    if re.search(r"[^aeiou]y$", head):
        return f"{head[:-1]}ies{rest}"
    return f"{head}{'es' if re.search('(tch|sh|x)$', head) else 's'}{rest}"
