"""How the network's training went."""

from taceflow.figures.dlopctr_history import dlopctr_history


def test_history_marks_the_kept_epoch(finished, texts):
    figure = dlopctr_history(finished.history, finished.network)
    found = texts(figure)
    assert "Final fit: 40 patients, 28 deaths" in found
    assert "kept: epoch 11" in found
    assert "2 fits, each without a fold; kept: epochs 9 to 13" in found
    assert "learning rate falls: 0.0001" in found
    assert not any("validation" in text for text in found)


def test_history_of_one_fit(finished, texts):
    only = finished.history[finished.history["fit"] == "final"]
    found = texts(dlopctr_history(only, finished.network))
    assert "0 fits, each without a fold" in found
