"""Results that speak against themselves: said in plain words, at the top and where they stand."""

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from taceflow.figures.kaplan_meier import Panel, kaplan_meier_figure
from taceflow.report.doubts import doubts
from taceflow.report.performance import delong_table, performance_table
from taceflow.report.report import write_report
from taceflow.wording.printing import p_statement

QUIET = {"candidates": 20, "events": 28, "n": 40}


@pytest.fixture
def frames(finished):
    """Return the tables of a run that has nothing to say."""
    frequency = pd.DataFrame({"feature": ["a", "b"], "resamples": 100, "frequency": [0.9, 0.2]})
    return {
        "patients": finished.patients,
        "performance": finished.performance,
        "predictions": finished.predictions,
        "scores": finished.scores,
        "frequency": frequency,
    }


def said(frames, radscore=QUIET):
    return {banner.title: banner for banner in doubts(frames, radscore)}


def test_good_results_have_no_banner(frames):
    assert said(frames) == {}


@pytest.mark.parametrize(
    ("within", "between", "words"),
    [
        (4, 3, "within reader 1 on 4 patients, and between readers on 3 patients: "),
        (30, 29, "correlation between readers on 29 patients: "),
        (30, 30, None),
        # of two nothing is calculated, and that is said elsewhere
        (2, 0, None),
    ],
)
def test_reproducibility_of_few_patients_is_doubted(frames, within, between, words):
    icc = pd.DataFrame({"n_intra": [within, 0], "n_inter": [between, 0]})
    found = said(frames | {"icc": icc}).get("Few patients read twice")
    assert (found is None) == (words is None)
    assert words is None or words in found.text
    assert said(frames | {"icc": icc.iloc[:0]}) == {}


def test_c_and_auc_below_chance(frames, finished):
    table = frames["performance"].copy()
    chosen = (table["model"] == "dlopctr") & (table["cohort"] == "validation")
    table.loc[chosen & (table["metric"] == "c_index"), ["estimate", "lower", "upper"]] = [
        0.37,
        0.26,
        0.49,
    ]
    chosen &= table["horizon_months"] == 36
    table.loc[chosen, ["estimate", "lower", "upper"]] = [0.3, 0.2, 0.45]
    banner = said(frames | {"performance": table})["Worse than chance"]
    assert "DLOP-CTR, validation cohort: Harrell's C 0.37 (0.26–0.49); DLOP-CTR" in banner.text
    assert "Time-dependent AUC at 36 months 0.30 (0.20–0.45)" in banner.text
    assert banner.section == "models"
    printed = performance_table(table)
    marked = [cell for line in printed.lines for cell in line.cells if "[1]" in cell]
    assert marked == ["0.37 (0.26–0.49) [1]", "0.30 (0.20–0.45) [1]"]
    assert printed.notes[-1] == "[1] worse than chance: the whole interval lies below 0.5"
    delong = finished.delong.copy()
    delong.loc[0, ["estimate", "lower", "upper"]] = [0.3, 0.2, 0.45]
    assert delong_table(delong).lines[1].cells[1] == "0.300 (0.200–0.450) [1]"
    # half of the interval above, or a Brier score: nothing to say
    table.loc[:, "upper"] = table["upper"].clip(lower=0.5)
    assert said(frames | {"performance": table}) == {}
    brier = table.assign(metric="brier_integrated", upper=0.2)
    assert said(frames | {"performance": brier}) == {}


def test_risk_groups_the_wrong_way_round(frames):
    table = frames["predictions"].copy()
    # of the training patients a fitted model may well be wrong by chance: that is no news
    for model in ("clinical", "dlopctr"):
        here = (table["model"] == model) & (table["cohort"] == "training")
        table.loc[here, "risk_group"] = np.where(
            table.loc[here, "risk_group"] == "high", "low", "high"
        )
    turned = (table["model"] == "clinical") & (table["cohort"] == "validation")
    table.loc[turned, "risk_group"] = np.where(
        table.loc[turned, "risk_group"] == "high", "low", "high"
    )
    banner = said(frames | {"predictions": table})["Risk groups the wrong way round"]
    rows = table[turned].merge(frames["patients"], on="patient_id")
    high = rows["risk_group"] == "high"
    test = logrank_test(
        rows.loc[high, "time_months"],
        rows.loc[~high, "time_months"],
        rows.loc[high, "event"],
        rows.loc[~high, "event"],
    )
    words = f"Clinical, validation cohort (log-rank {p_statement(test.p_value)})"
    assert words in banner.text
    assert banner.text.count("cohort (") == 2
    assert "DLOP-CTR, training cohort (log-rank p = 0.019)" in banner.text
    groups = {"low": "Low risk", "high": "High risk"}
    panel = Panel("Made", rows.assign(group=rows["risk_group"]), groups)
    axes = kaplan_meier_figure([[panel]], title="Made").axes[0]
    heading = " ".join(axes.get_legend().get_title().get_text().split())
    assert "high risk lived longer" in heading


def test_many_candidates_and_no_stable_feature(frames):
    radscore = {"candidates": 2011, "events": 61, "n": 101}
    unstable = frames["frequency"].assign(frequency=[0.19, 0.18])
    found = said(frames | {"frequency": unstable}, radscore)
    assert list(found) == ["Many candidates for few deaths", "No feature is selected reliably"]
    assert "2,011 features by 61 deaths among 101" in found["Many candidates for few deaths"].text
    assert "selected in 19% only" in found["No feature is selected reliably"].text
    assert {banner.section for banner in found.values()} == {"radscore"}
    # coefficients from elsewhere were not chosen here
    del frames["frequency"]
    assert said(frames, radscore) == {}
    assert said(frames | {"frequency": unstable.iloc[:0]}, QUIET) == {}


@pytest.mark.parametrize(
    ("scores", "named"),
    [
        (np.r_[6.86, np.linspace(0.18, 0.53, 59)], ["P000 (6.86)"]),
        (np.r_[-40.0, np.linspace(0.18, 0.53, 58), 6.86], ["P000 (−40.00)", "P059 (6.86)"]),
        (np.r_[2.9, np.linspace(0, 1, 59) ** 2 * 0.9], ["P000 (2.90)"]),  # 5 ranges, 2.0 away
        (np.r_[5.0, np.zeros(59)], ["P000 (5.00)"]),  # constant but for one
        (np.zeros(60), []),
        (np.random.default_rng(1).normal(size=60), []),
        (np.random.default_rng(1).exponential(size=60), []),
        (np.r_[np.zeros(45), np.ones(15)], []),  # two groups, not patients of their own
    ],
)
def test_a_radscore_far_outside_is_named_by_its_patient(frames, scores, named):
    table = frames["scores"].assign(radscore=scores)
    found = said(frames | {"scores": table}).get("Radscores far outside the others")
    if not named:
        assert found is None
        return
    assert found.text.startswith(f"{', '.join(named)}; all others lie between")
    if "6.86" in found.text:
        assert "between 0.18 and 0.53" in found.text


def test_the_report_says_it_at_the_top_and_where_the_figures_stand(report_inputs, tmp_path):
    table = pd.read_csv(report_inputs["tables"]["scores"], sep="\t")
    table.loc[3, "radscore"] = 999.0
    table.to_csv(report_inputs["tables"]["scores"], sep="\t", index=False)
    write_report(**report_inputs, output=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    words = "P003 (999.00); all others lie between"
    places = [part for part in page.split("<h2 ") if words in part]
    assert len(places) == 2
    assert places[0].startswith('id="result"')
    assert places[1].startswith('id="radscore"')


def test_patients_who_are_not_harmonised_and_centres_that_go_with_survival(frames):
    patients = frames["patients"]
    told = patients[["patient_id", "cohort"]].assign(batch=["a", "b"] * 30, harmonised=1)
    assert said(frames | {"batches": told}) == {}
    told.loc[[50, 55], "harmonised"] = 0
    banner = said(frames | {"batches": told})["Features not harmonised"]
    assert "of 2 of 60 patients" in banner.text
    assert banner.section == "radscore"
    training = patients["cohort"].eq("training")
    late = patients["time_months"] > patients.loc[training, "time_months"].median()
    told["batch"] = np.where(late & training, "late", "early")
    found = said(frames | {"batches": told})
    assert "log-rank" in found["Scanner or centre goes with survival"].text
    # held-out patients have no say
    told["batch"] = np.where(late & ~training, "late", "early")
    told.loc[training, "batch"] = ["a", "b"] * 20
    assert set(said(frames | {"batches": told})) == {"Features not harmonised"}
