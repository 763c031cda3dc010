"""Names as a journal prints them."""

import math

from taceflow.wording.names import has_yes_no_levels, in_order, level_name, model_name, with_labels


def test_notes_name_variables_as_print_does():
    labels = {"albi": "ALBI", "albi_score": "ALBI score", "mvi": "MVI"}
    note = "albi_score: left out beside albi=2 and mvi_grade"
    assert with_labels(note, labels) == "ALBI score: left out beside ALBI 2 and mvi_grade"
    assert with_labels(note, {}) == note


def test_levels():
    assert level_name("bclc_b_substage", 2) == "B2"
    assert level_name("bclc_b_substage", "3.0") == "B3"
    assert level_name("mvi", "1", yes_no=True) == "yes"
    assert level_name("tumor_number", "1") == "1"
    assert level_name("sex", math.nan) == ""
    assert has_yes_no_levels(["0", "1.0", math.nan])
    assert not has_yes_no_levels(["0", "2"])
    assert not has_yes_no_levels([])


def test_order_and_unknown_names():
    known = {"training": "", "validation": ""}
    assert in_order(["other", "validation", "training"], known) == [
        "training",
        "validation",
        "other",
    ]
    assert model_name("other") == "other"


def test_abbreviations_in_levels_are_capitals():
    assert level_name("embolic_agent", "pva_particles") == "PVA particles"
    assert level_name("embolic_agent", "gelatin_sponge") == "gelatin sponge"
