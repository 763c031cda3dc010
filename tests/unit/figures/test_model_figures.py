"""ROC, calibration, decision curves, forest plot and the network's history."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.calibration import calibration
from taceflow.figures.decision_curve import decision_curve
from taceflow.figures.dlopctr_history import dlopctr_history
from taceflow.figures.forest import forest
from taceflow.figures.roc import roc


def all_text(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found.append(axes.get_title(loc="left"))
        legend = axes.get_legend()
        found += [text.get_text() for text in legend.get_texts()] if legend else []
    for legend in figure.legends:
        found += [text.get_text() for text in legend.get_texts()]
    return found


def test_roc_states_areas_of_the_table(finished):
    figure = roc(finished.roc, finished.performance, "dlopctr")
    assert all_text(figure).count("12 months: AUC 0.74 (0.61–0.88)") == 2
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


def test_roc_without_an_area(finished):
    performance = finished.performance.assign(estimate=np.nan, lower=np.nan, upper=np.nan)
    assert "12 months: AUC not defined" in all_text(roc(finished.roc, performance, "dlopctr"))


def test_roc_of_a_model_without_curves(finished):
    figure = roc(finished.roc.iloc[:0], finished.performance, "dlopctr")
    assert "There is no ROC curve of DLOP-CTR" in " ".join(" ".join(all_text(figure)).split())


def test_calibration_points_are_those_of_the_table(finished):
    figure = calibration(finished.calibration, "radscore")
    points = figure.axes[0].containers[0][0]
    assert points.get_xdata().tolist() == [0.3, 0.7]
    assert points.get_ydata().tolist() == [0.25, 0.75]


def test_calibration_without_observations(finished):
    figure = calibration(finished.calibration.assign(observed=np.nan), "radscore")
    assert "followed up to a horizon" in " ".join(" ".join(all_text(figure)).split())


def test_decision_curves_have_all_models_and_both_references(finished):
    figure = decision_curve(finished.decision)
    labels = set(all_text(figure))
    assert {"Clinical", "DLOP-Combin", "Treat all", "Treat none"} <= labels
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "Training, 12 months"
    assert len(titles) == 4


def test_decision_curves_without_numbers(finished):
    figure = decision_curve(finished.decision.assign(net_benefit=np.nan))
    assert "At no horizon is a net benefit defined." in all_text(figure)


def test_forest_prints_ratios_and_p(finished):
    found = all_text(forest(finished.table_s1))
    for text in ("1.43 (1.08–1.90)", "0.012", "<0.001", "2.50 (1.10–5.70)", "B1 (reference)"):
        assert text in found
    assert "n = 39–40, deaths 27–28" in found
    assert "n = 38, deaths 27" in found


def test_forest_says_what_could_not_be_estimated(finished):
    found = all_text(forest(finished.table_s1))
    assert "Microvascular invasion [1]" in found
    assert "not estimated" in found
    reason = "all deaths have Microvascular invasion 1, no finite estimate"
    assert f"[1] Microvascular invasion: {reason}" in found


def test_forest_squares_stand_at_the_ratios(finished):
    axes = next(a for a in forest(finished.table_s1).axes if a.get_xscale() == "log")
    squares = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "s"]
    assert squares == pytest.approx([1.43, 2.5, 0.03])
    low = axes.get_xlim()[0]
    assert low > 0.0001
    assert any(line.get_marker() == "<" for line in axes.lines)


def test_forest_of_a_ratio_without_an_interval_is_a_square_alone(finished):
    table = finished.table_s1.copy()
    table.loc[0, ["lower_uni", "upper_uni", "p_uni"]] = np.nan
    table.loc[0, "note"] = "neither interval nor test: 3 deaths, fewer than 5"
    found = all_text(forest(table))
    assert "1.43" in found
    assert any("3 deaths, fewer than 5" in text for text in found)
    axes = next(a for a in forest(table).axes if a.get_xscale() == "log")
    first = [line for line in axes.lines if list(line.get_ydata()) in ([0], [0, 0])]
    assert [line.get_marker() for line in first] == ["s"]


def ratios_of(table, hr, lower, upper):
    """Table S1 with other univariate ratios, in the order of its rows."""
    return table.assign(
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


def test_forest_leaves_out_what_the_sheet_lacks(finished):
    absent = {"variable": "cirrhosis", "label": "Cirrhosis", "n": 0, "events": 0}
    absent |= {"note": "cirrhosis: no value in the cohort table"}
    table = pd.concat([finished.table_s1, pd.DataFrame([absent])], ignore_index=True)
    found = all_text(forest(table))
    assert "n = 39–40, deaths 27–28" in found
    assert not any("Cirrhosis" in text for text in found)


def test_history_marks_the_kept_epoch(finished):
    figure = dlopctr_history(finished.history, finished.network)
    found = all_text(figure)
    assert "Final fit: 40 patients, 28 deaths" in found
    assert "kept: epoch 11" in found
    assert "2 fits, each without a fold; kept: epochs 9 to 13" in found
    assert "learning rate falls: 0.0001" in found
    assert not any("validation" in text for text in found)


def test_history_of_one_fit(finished):
    only = finished.history[finished.history["fit"] == "final"]
    found = all_text(dlopctr_history(only, finished.network))
    assert "0 fits, each without a fold" in found


def test_seven_horizons_have_seven_lines(finished):
    months = (3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0)
    one = finished.calibration[finished.calibration["horizon_months"] == 12.0]
    table = pd.concat([one.assign(horizon_months=month) for month in months])
    lines = [bar[0] for bar in calibration(table, "radscore").axes[0].containers]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 7
