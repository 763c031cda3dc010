"""Paths as people write them: one that is not there is told why."""

import pytest

from taceflow.wording.path_hints import absence_hint


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("~/ct/P1", "are not replaced"),
        ("$HOME/ct", "are not replaced"),
        ("%USERPROFILE%/ct", "are not replaced"),
        ("D:\\ct\\P1", "a path of Windows"),
        ('"D:/ct/P1"', "quotation marks"),
        ("“ct/P1”", "quotation marks"),
        ("https://x.org/ct.zip", "not fetched"),
        ("ct/P1", "relative to the folder"),
    ],
)
def test_a_path_that_is_not_there_is_told_why(path, words):
    assert words in absence_hint(path)
