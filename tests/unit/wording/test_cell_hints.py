"""Cells that hold no number: what is meant by them."""

from taceflow.wording.cell_hints import number_hint


def test_words_are_no_numbers():
    assert [number_hint(text) for text in ("left", "G2", "PVA particles", "B1")] == [""] * 4
