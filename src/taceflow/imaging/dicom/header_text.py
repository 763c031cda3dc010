"""What the free text of a header says, however a PACS wrote it."""

import re
import unicodedata
from functools import lru_cache

_CHARACTER_SETS = ("gb18030", "shift_jis", "euc_kr", "big5", "cp1251")
"""In which text may stand without SpecificCharacterSet; pydicom then takes it for Latin-1."""


def says(pattern: str, text: str) -> bool:
    r"""Tell whether a regular expression fits free text of a header, however it is spelt.

    Accents do not count, nor whether letters are full-width. An underscore is a space, in the
    expression too, so that a word's border ``\b`` counts beside it: archives and PACS write
    underscores for what is no letter. Text of an undeclared character set is decoded anew.
    """
    expression = _expression(pattern)
    return any(expression.search(plain) for plain in _plain(text))


@lru_cache(maxsize=64)
def _expression(pattern: str) -> re.Pattern[str]:
    # names of groups may hold underscores
    spaced = pattern if "(?P" in pattern else re.sub(r"\\?_", r"\\s", pattern)
    return re.compile(_without_accents(spaced))


@lru_cache(maxsize=4096)
def _plain(text: str) -> tuple[str, ...]:
    """Return a description as it may have been meant."""
    read = dict.fromkeys(
        _without_accents(unicodedata.normalize("NFKC", one).replace("_", " "))
        for one in _decoded(text)
    )
    return tuple(read)


def _decoded(text: str) -> list[str]:
    """Return the text, and in other character sets if Latin-1 may be wrong."""
    try:
        read = text.encode("latin-1")
        return [text] if read.isascii() else [read.decode("utf-8")]
    except UnicodeEncodeError:
        return [text]
    except UnicodeDecodeError:
        found = [text]
    for name in _CHARACTER_SETS:
        try:
            # Latin words stand in the first reading, whole
            found.append(re.sub("[A-Za-z]", " ", read.decode(name)))
        except UnicodeDecodeError:
            continue
    return found


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    # composed again: Korean syllables fall apart too
    return unicodedata.normalize("NFC", bare)
