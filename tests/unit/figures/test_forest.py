"""The forest plot of Table S1."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.forest import forest


def test_forest_prints_ratios_and_p(finished, texts):
    found = texts(forest(finished.table_s1))
    for text in ("1.43 (1.08–1.90)", "0.012", "<0.001", "2.50 (1.10–5.70)", "B1 (reference)"):
        assert text in found
    assert "n = 39–40, deaths 27–28" in found
    assert "n = 38, deaths 27" in found


def test_forest_says_what_could_not_be_estimated(finished, texts):
    found = texts(forest(finished.table_s1))
    assert "Microvascular invasion [1]" in found
    assert "not estimated" in found
    reason = "all deaths have Microvascular invasion 1, no finite estimate"
    assert f"[1] Microvascular invasion: {reason}" in found


def test_forest_squares_stand_at_the_ratios(finished):
    # a quantity whose ratio is for one unit, as it stands in the table
    table = finished.table_s1.replace({"variable": {"dlopctr": "quantity"}})
    axes = next(a for a in forest(table).axes if a.get_xscale() == "log")
    squares = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "s"]
    assert squares == pytest.approx([1.43, 2.5, 0.03])
    low = axes.get_xlim()[0]
    assert low > 0.0001
    assert any(line.get_marker() == "<" for line in axes.lines)


def test_the_networks_ratio_is_for_ten_points_of_survival(finished, texts):
    drawn = forest(finished.table_s1)
    assert {"DLOP-CTR (per 10 points)", "0.70 (0.40–0.87)"} <= set(texts(drawn))
    axes = next(a for a in drawn.axes if a.get_xscale() == "log")
    squares = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "s"]
    assert squares == pytest.approx([1.43, 2.5, 0.03**0.1])


def test_forest_of_a_ratio_without_an_interval_is_a_square_alone(finished, texts):
    table = finished.table_s1.copy()
    table.loc[0, ["lower_uni", "upper_uni", "p_uni"]] = np.nan
    table.loc[0, "note"] = "neither interval nor test: 3 deaths, fewer than 5"
    found = texts(forest(table))
    assert "1.43" in found
    assert any("3 deaths, fewer than 5" in text for text in found)
    axes = next(a for a in forest(table).axes if a.get_xscale() == "log")
    first = [line for line in axes.lines if list(line.get_ydata()) in ([0], [0, 0])]
    assert [line.get_marker() for line in first] == ["s"]


def ratios_of(table, hr, lower, upper):
    """Table S1 with other univariate ratios, in the order of its rows."""
    return table.replace({"variable": {"dlopctr": "quantity"}}).assign(
        **{"hr_uni": hr, "lower_uni": lower, "upper_uni": upper, "note": None}
        | dict.fromkeys(["hr_multi", "lower_multi", "upper_multi"], np.nan)
    )


@pytest.mark.parametrize(
    ("reached", "ticks"),
    [
        ((5.4, 13.0, 28.0, 61.0, 97.0), [1, 10, 100]),
        ((1.1, 0.9, 1.3, 1.6, 0.8), [0.5, 1, 2]),
        ((0.3, 0.9, 1.3, 4.1, 0.8), [0.5, 1, 2]),
        ((3e-4, 0.9, 1.3, 1.6, 2e4), [0.001, 1, 1000]),
        ((1.1, 0.9, 2.0, 31.0, 0.8), [1, 3, 10, 30]),
    ],
)
def test_forest_has_three_ticks_or_more_over_what_it_shows(finished, reached, ticks):
    table = ratios_of(finished.table_s1, reached, [r / 1.2 for r in reached], reached)
    plot = next(axes for axes in forest(table).axes if axes.get_xscale() == "log")
    low, high = plot.get_xlim()
    shown = [tick for tick in plot.get_xticks() if low <= tick <= high]
    assert len(shown) >= 3
    assert set(ticks) <= set(shown)
    # beyond 1e4 the text alone says what the ratio is
    inside = [ratio for ratio in reached if 1e-4 <= ratio <= 1e4]
    squares = [line.get_xdata()[0] for line in plot.lines if line.get_marker() == "s"]
    assert squares == pytest.approx(inside)


def test_forest_leaves_out_what_the_sheet_lacks(finished, texts):
    absent = {"variable": "cirrhosis", "label": "Cirrhosis", "n": 0, "events": 0}
    absent |= {"note": "cirrhosis: no value in the cohort table"}
    table = pd.concat([finished.table_s1, pd.DataFrame([absent])], ignore_index=True)
    found = texts(forest(table))
    assert "n = 39–40, deaths 27–28" in found
    assert not any("Cirrhosis" in text for text in found)
