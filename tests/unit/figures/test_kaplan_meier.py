"""Kaplan-Meier figures: what is written is what lifelines and R count."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from taceflow.figures.kaplan_meier import Panel, kaplan_meier_figure
from taceflow.figures.survival_by_risk import survival_by_risk
from taceflow.figures.survival_by_score import survival_by_substage
from taceflow.wording.printing import p_statement, with_interval


def at_risk_rows(axes):
    """Return the numbers under the axis, a list a group, from top to bottom."""
    rows = {}
    for text in axes.texts:
        if text.get_text().isdigit():
            x, y = text.get_position()
            rows.setdefault(round(y, 6), []).append((x, int(text.get_text())))
    return [sorted(rows[y]) for y in sorted(rows, reverse=True)]


def test_numbers_at_risk_are_those_of_lifelines(finished):
    axes = survival_by_substage(finished.patients).axes[0]
    rows = at_risk_rows(axes)
    known = finished.patients.dropna(subset="bclc_b_substage")
    substages = sorted(known["bclc_b_substage"].unique())
    assert len(rows) == len(substages)
    for row, substage in zip(rows, substages, strict=True):
        members = known[known["bclc_b_substage"] == substage]
        table = KaplanMeierFitter().fit(members["time_months"], members["event"]).event_table
        for time, count in row:
            later = table.loc[table.index >= time, "at_risk"]
            expected = len(members) if time == 0 else later.iloc[0] if len(later) else 0
            assert count == expected


def test_numbers_at_risk_are_those_of_r(shared_data):
    folder = shared_data / "stat"
    veteran = pd.read_csv(folder / "data" / "veteran.csv", skipinitialspace=True)
    expected = pd.read_csv(folder / "km" / "veteran_celltype_risktable.csv", skipinitialspace=True)
    table = pd.DataFrame(
        {
            "time_months": veteran["time"],
            "event": veteran["status"],
            "group": veteran["celltype"],
        }
    )
    groups = {name: name for name in ("squamous", "smallcell", "adeno", "large")}
    rows = at_risk_rows(kaplan_meier_figure([[Panel("veteran", table, groups)]], title="R").axes[0])
    by_r = expected.set_index(["strata", "time"])["n_risk"]
    compared = 0
    for name, row in zip(groups, rows, strict=True):
        for time, count in row:
            if (f"celltype={name}", time) in by_r.index:
                assert count == by_r[f"celltype={name}", time]
                compared += 1
    assert compared >= 8


def test_log_rank_p_and_medians_are_written(finished):
    # nobody tests a group of three
    finished.patients["bclc_b_substage"] = finished.patients["bclc_b_substage"].clip(upper=3)
    axes = survival_by_substage(finished.patients).axes[0]
    known = finished.patients.dropna(subset="bclc_b_substage")
    test = multivariate_logrank_test(known["time_months"], known["bclc_b_substage"], known["event"])
    assert f"log-rank {p_statement(test.p_value)}" in axes.get_legend().get_title().get_text()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    first = known[known["bclc_b_substage"] == 1]
    median = KaplanMeierFitter().fit(first["time_months"], first["event"]).median_survival_time_
    shown = "NR" if np.isinf(median) else f"{median:.1f}"
    assert labels[0].startswith(f"B1: {shown}")


def test_the_hazard_ratio_between_risk_groups_is_that_of_lifelines(finished):
    axes = survival_by_risk(finished.patients, finished.predictions, "radscore").axes[0]
    table = finished.patients.merge(finished.predictions.query("model == 'radscore'"))
    table = table[table["cohort"] == "training"]
    frame = table[["time_months", "event"]].assign(high=(table["risk_group"] == "high") * 1.0)
    fit = CoxPHFitter().fit(frame, "time_months", "event").summary.loc["high"]
    columns = ("exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%")
    written = " ".join(axes.get_legend().get_title().get_text().split())
    assert f"; HR {with_interval(*fit[list(columns)], ratio=True)}" in written


def test_a_group_in_which_nobody_died_has_no_finite_ratio(finished):
    table = finished.patients.assign(group=["low", "high"] * 30)
    table.loc[table["group"] == "low", "event"] = 0
    panel = Panel("All", table, {"low": "Low", "high": "High"})
    axes = kaplan_meier_figure([[panel]], title="Survival").axes[0]
    written = " ".join(axes.get_legend().get_title().get_text().split())
    assert "HR not finite: nobody of a group died" in written


def test_curve_is_that_of_lifelines(finished):
    axes = survival_by_risk(finished.patients, finished.predictions, "radscore").axes[0]
    table = finished.patients.merge(
        finished.predictions.query("model == 'radscore'")[["patient_id", "risk_group"]]
    )
    low = table[(table["cohort"] == "training") & (table["risk_group"] == "low")]
    fit = KaplanMeierFitter().fit(low["time_months"], low["event"]).survival_function_
    np.testing.assert_allclose(axes.lines[0].get_xdata(), fit.index)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), fit.iloc[:, 0])


def test_missing_substages_are_counted(finished):
    texts = [text.get_text() for text in survival_by_substage(finished.patients).axes[0].texts]
    assert "2 without a group not shown" in texts


def test_one_group_only_has_no_test(finished):
    table = finished.patients.assign(group="low")
    panel = Panel("All", table, {"low": "Low", "high": "High"})
    axes = kaplan_meier_figure([[panel]], title="Survival").axes[0]
    assert "no log-rank test" in axes.get_legend().get_title().get_text()
    assert len(at_risk_rows(axes)) == 2


def test_nobody_dies(finished):
    axes = survival_by_substage(finished.patients.assign(event=0)).axes[0]
    assert "no log-rank test" in axes.get_legend().get_title().get_text()
    assert axes.get_legend().get_texts()[0].get_text() == "B1: NR"


def test_nothing_to_draw_is_said_in_words(finished, texts):
    figure = survival_by_substage(finished.patients.assign(bclc_b_substage=np.nan))
    assert "No patient belongs to any of the groups." in texts(figure)


@pytest.mark.parametrize("longest", [0.4, 2.0, 7.0, 100.0, 700.0])
def test_a_short_follow_up_has_its_ticks_and_numbers(finished, longest):
    times = finished.patients["time_months"]
    patients = finished.patients.assign(time_months=times * longest / times.max())
    axes = survival_by_substage(patients).axes[0]
    ticks = [tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]
    assert 3 <= len(ticks) <= 9
    assert all(len(row) == len(ticks) for row in at_risk_rows(axes))
