"""ROC curves of one model."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.roc import roc


def test_roc_states_areas_of_the_table(finished, texts):
    figure = roc(finished.roc, finished.performance, "dlopctr")
    assert texts(figure).count("12 months: AUC 0.74 (0.61–0.88)") == 2
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "DLOP-CTR, training",
        "DLOP-CTR, validation",
    ]
    assert figure.axes[0].lines[1].get_xdata()[[0, -1]].tolist() == [0, 1]


def test_the_drawn_roc_has_the_area_of_tied_risks(finished):
    tied = pd.DataFrame(
        {
            "model": "dlopctr",
            "cohort": "training",
            "horizon_months": 12.0,
            "false_positive_rate": [0, 0.5, 1],
            "true_positive_rate": [0, 0.9, 1],
        }
    )
    line = roc(tied, finished.performance, "dlopctr").axes[0].lines[1]
    assert line.get_drawstyle() == "default"
    assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(0.7)


def test_roc_without_an_area(finished, texts):
    performance = finished.performance.assign(estimate=np.nan, lower=np.nan, upper=np.nan)
    assert "12 months: AUC not defined" in texts(roc(finished.roc, performance, "dlopctr"))


def test_roc_of_a_model_without_curves(finished, texts):
    figure = roc(finished.roc.iloc[:0], finished.performance, "dlopctr")
    assert "There is no ROC curve of DLOP-CTR" in " ".join(" ".join(texts(figure)).split())
