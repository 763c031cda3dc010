"""The AUC of all models over time."""

import pandas as pd
import pytest

from taceflow.figures import style
from taceflow.figures.auc_over_time import auc_over_time


@pytest.fixture
def areas():
    rows = [
        (model, cohort, month, 0.6 + month / 1000 + (model == "radscore") / 10)
        for model in ("radscore", "clinical")
        for cohort in ("validation", "training")
        for month in (12, 6, 9)
    ]
    return pd.DataFrame(rows, columns=["model", "cohort", "months", "auc"])


def test_a_line_is_the_tables_rows_in_the_order_of_time(areas):
    figure = auc_over_time(areas)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Training", "Validation"]
    for axes in figure.axes:
        lines = {line.get_label(): line for line in axes.lines}
        assert lines["Clinical"].get_xdata().tolist() == [6, 9, 12]
        assert lines["Clinical"].get_ydata().tolist() == pytest.approx([0.606, 0.609, 0.612])
        assert lines["Radscore"].get_ydata().tolist() == pytest.approx([0.706, 0.709, 0.712])
        assert lines["Radscore"].get_color() == style.MODEL_LINES["radscore"][0]


def test_an_area_below_chance_is_on_the_axis_and_none_is_said_in_words(areas, texts):
    areas.loc[0, "auc"] = 0.21
    panel = auc_over_time(areas).axes[1]
    assert panel.get_ylim()[0] < 0.21
    words = "In no month were there deaths and survivors enough."
    assert words in texts(auc_over_time(areas.iloc[:0]))
