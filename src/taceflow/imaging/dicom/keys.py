"""Names that stand for a UID and identify nobody."""

import hashlib


def opaque_key(original: str) -> str:
    """Return ``uid-`` and the first 16 hexadecimal digits of the SHA-256 of a UID.

    Digits alone, such as 12e4567890123456, a spreadsheet would take for a number.
    """
    return f"uid-{hashlib.sha256(original.encode()).hexdigest()[:16]}"
