"""Decision curves of all models."""

import numpy as np

from taceflow.figures.decision_curve import decision_curve


def test_decision_curves_have_all_models_and_both_references(finished, texts):
    figure = decision_curve(finished.decision)
    labels = set(texts(figure))
    assert {"Clinical", "DLOP-Combin", "Treat all", "Treat none"} <= labels
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "Training, 12 months"
    assert len(titles) == 4


def test_decision_curves_without_numbers(finished, texts):
    figure = decision_curve(finished.decision.assign(net_benefit=np.nan))
    assert "At no horizon is a net benefit defined." in texts(figure)
