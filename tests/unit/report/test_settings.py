"""What a run was made with: scales of cut-offs, names of variables, the pre-experiment."""

import pytest

from taceflow.report.settings import grid_table, models_table, radscore_settings
from taceflow.wording.names import labels_from

LABELS = labels_from([{"column": "ast_u_l", "label": "AST (U/L)"}])


def test_models_go_by_labels_and_say_the_scale_of_the_cut_off():
    model = {
        "n": 48,
        "events": 34,
        "coefficients": {"ast_u_l": 0.007, "bclc_b_substage=2": 0.013, "hap_score": -0.5},
        "cut_off": -0.233,
        "note": "left out: albi_score: rare",
    }
    table = models_table({"clinical": model}, LABELS)
    cells = table.lines[0].cells
    assert cells[3] == "AST (U/L) 0.007; BCLC-B substage B2 0.013; HAP score −0.500"
    assert cells[5] == "left out: ALBI score: rare"
    assert table.columns[4] == "Cut-off of the risk"
    assert "not on the scale of the score itself" in table.notes[1]
    assert "DLOP" not in "".join(table.notes[:2])
    notes = models_table({"dlopctr": model}, LABELS).notes
    assert "survival of 1 against 0" in notes[0]
    assert "DLOP-Combin: 1 − the predicted survival" in notes[1]


def test_the_radscores_cut_off_names_its_scale():
    model = {"family": "cox", "choose": "lambda.min", "lambda": 0.1, "candidates": 5, "n": 40}
    model |= {"events": 20, "coefficients": {}, "cut_off": -1.4, "cut_off_method": "median"}
    model["high_risk"] = "below"
    lines = [line.cells for line in radscore_settings(model).lines]
    text = "−1.4 (median of the training patients), high risk below it"
    assert ("Cut-off, on the scale of the Radscore", text) in lines


@pytest.mark.parametrize("rate", [0.001, 0.0001])
def test_a_rate_that_is_not_the_pre_experiments_is_explained(finished, rate):
    used = finished.described["network"]["settings"] | {"learning_rate": rate}
    notes = grid_table(finished.tables["pre_experiment"], {"settings": used}).notes
    if rate == 0.001:  # where the grid's loss is lowest
        assert notes == ()
    else:
        assert notes[0].startswith("The loss is lowest at learning rate 0.001, batch size 32")
        assert "trained with learning rate 0.0001, batch size 32" in notes[0]
