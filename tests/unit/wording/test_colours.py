"""Colours of lines: which can be told apart on paper, by every reader."""

import pytest

from taceflow.wording.colours import NAMED, colours_of, faults_of_colours

JAMA = ["#374E55", "#DF8F44", "#00A1D5", "#B24745", "#79AF97", "#6A6599", "#80796B"]


def changed(place, colour):
    """Return Okabe and Ito's colours with another one at a place."""
    colours = list(NAMED["okabe_ito"])
    colours[place] = colour
    return colours


@pytest.mark.parametrize("asked", [*NAMED, JAMA, changed(6, "#7f3c8d")])
def test_colours_that_can_be_told_apart_are_taken(asked):
    assert not list(faults_of_colours(asked))
    assert len(colours_of(asked)) >= 6


@pytest.mark.parametrize("name", NAMED)
def test_named_sets_pass_as_lists(name):
    assert not list(faults_of_colours(list(NAMED[name])))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("okabe-ito", "'okabe-ito' is no set of colours; did you mean 'okabe_ito'?"),
        ("viridis", "'viridis' is no set of colours: okabe_ito, tol_muted, tol_vibrant, or a list"),
        (changed(3, "red"), "'red' is no colour: write '#' and six digits"),
        (changed(3, "#FFF"), "'#FFF' is no colour"),
        (list(NAMED["okabe_ito"][:3]), "3 colours: the figures need 6 to 12"),
        (changed(3, "#F0E442"), "#F0E442 is too pale for a line on paper: its contrast with white"),
        (changed(3, "#FFFFFF"), "contrast with white is 1.0, 2 is the least"),
        (changed(3, "#88908A"), "#88908A is too alike to #8C8C8C, the grey of what is not"),
        (changed(3, "#0072B2"), "#0072B2 and #0072B2 are too alike"),
        (changed(3, "#0A78B8"), "#0072B2 and #0A78B8 are too alike"),
        # matplotlib's own orange and green, red and green, Lancet's teal and violet
        (
            ["#FF7F0E", "#2CA02C", *JAMA[:4]],
            "#FF7F0E and #2CA02C are too alike to readers who see no red",
        ),
        (["#D62728", "#2CA02C", *JAMA[:4]], "are too alike to readers who see no green"),
        (
            ["#DC267F", "#FE6100", *JAMA[:4]],
            "#DC267F and #FE6100 are too alike to readers who see no blue",
        ),
    ],
)
def test_others_are_refused_with_the_reason(asked, told):
    assert any(told in fault for fault in faults_of_colours(asked))


def test_contrast_is_that_of_wcag():
    # 4.54 is the published contrast of #767676 with white, 1.3 that of #E0E0E0
    (told,) = faults_of_colours(changed(6, "#E0E0E0"))
    assert "contrast with white is 1.3" in told
