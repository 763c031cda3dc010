"""What came out of a run, in words and numbers."""

import re

import pandas as pd
import pytest

from taceflow.report.result import headline, result_table, results


def rows(*values):
    columns = ["model", "cohort", "metric", "estimate", "lower", "upper", "n", "events"]
    return pd.DataFrame(values, columns=columns).assign(note=None)


PERFORMANCE = rows(
    ("radscore", "training", "c_index", 0.81, 0.75, 0.87, 200, 120),
    ("dlop_cox", "training", "c_index", 0.78, 0.70, 0.86, 200, 120),
    ("radscore", "external", "c_index", 0.61, 0.55, 0.67, 90, 40),
    ("dlop_cox", "external", "c_index", 0.66, 0.58, 0.74, 88, 39),
    ("dlop_cox", "validation", "c_index", None, None, None, 9, 2),
    ("hap", "external", "c_index", 0.55, 0.45, 0.65, 90, 40),
    ("dlop_cox", "external", "calibration_slope", 0.7, 0.4, 1.0, 88, 39),
)
OPTIMISM = pd.DataFrame({"model": ["dlop_cox"], "metric": "c_index", "corrected": [0.71]})


def test_the_headline_is_of_the_final_model_in_patients_no_fit_has_seen():
    assert headline(PERFORMANCE, OPTIMISM) == (
        "Harrell's C of DLOP-Cox, the final model, is not defined in the validation cohort "
        "(n = 9, deaths 2) and 0.66 (95% CI 0.58\N{EN DASH}0.74) in the external cohort "
        "(n = 88, deaths 39). 2 deaths in the validation cohort are too few to judge a model by."
    )


def test_a_figure_without_an_interval_says_why():
    few = PERFORMANCE[PERFORMANCE["cohort"] == "external"].assign(
        lower=float("nan"), upper=float("nan"), events=1, note="no interval: 1 death, fewer than 5"
    )
    assert headline(few, OPTIMISM) == (
        "Harrell's C of DLOP-Cox, the final model, is 0.66 (no interval: 1 death, fewer than 5) in "
        "the external cohort (n = 88, deaths 1). 1 death in the external cohort is too few to "
        "judge a model by."
    )
    table = result_table(few, OPTIMISM)
    assert [line.cells[1] for line in table.lines] == ["0.61 [1]", "0.66, n = 88 [1]"]
    assert table.notes[-1] == "[1] no interval: 1 death, fewer than 5"


def test_a_run_without_other_patients_says_that_it_knows_the_fit_alone():
    fitted = PERFORMANCE[PERFORMANCE["cohort"] == "training"]
    text = headline(fitted, OPTIMISM)
    assert text.startswith("Every patient was of the training")
    assert "0.78 (95% CI 0.70\N{EN DASH}0.86)" in text
    assert "corrected for optimism 0.71. How it does in other patients is not known." in text
    table = result_table(fitted, OPTIMISM)
    assert [line.cells for line in table.lines] == [
        ("Radscore", "not corrected"),
        ("DLOP-Cox", "0.71"),
    ]


def test_a_ready_table_ends_with_the_radscore():
    ready = PERFORMANCE[PERFORMANCE["model"] != "dlop_cox"]
    assert headline(ready, OPTIMISM).startswith("Harrell's C of Radscore, the final model, is 0.61")


def test_the_table_has_the_studys_models_in_unseen_cohorts_alone():
    table = result_table(PERFORMANCE, OPTIMISM)
    assert table.columns == (
        "Model",
        "Validation cohort (n = 9, deaths 2)",
        "External cohort (n = 90, deaths 40)",
    )
    assert [line.cells for line in table.lines] == [
        ("Radscore", "not defined", "0.61 (0.55\N{EN DASH}0.67)"),
        ("DLOP-Cox", "not defined", "0.66 (0.58\N{EN DASH}0.74), n = 88"),
    ]


@pytest.fixture
def told(finished):
    """The paragraphs of the run, with changes to its tables."""

    def of(radscore=None, **changes):
        names = ("icc", "performance", "comparisons", "table_s1", "patients", "exclusions")
        frames = {name: getattr(finished, name) for name in names} | {"optimism": OPTIMISM}
        radscore = radscore or {"family": "cox", "coefficients": {"a": 1.0, "b": -1.0}}
        return results(frames | changes, radscore, 63)

    return of


def test_patients_are_counted(told):
    text = told()[0]
    assert text.startswith("Of 63 patients, 60 were analysed (40 training, 20 validation); 3 were")
    assert "follow-up 1" in text
    assert re.search(r"Of the 60 analysed, \d+ \(\d+%\) died\. Median follow-up was", text)


def test_a_median_that_no_curve_reaches_is_not_printed_as_a_number(told, finished):
    patients = finished.patients.assign(event=0)
    patients.loc[0, "event"] = 1
    text = told(patients=patients)[0]
    assert "1 (2%) died" in text
    assert "median overall survival not reached" in text
    assert "NR months" not in text


def test_features_are_counted(told, finished):
    kept, total = int(finished.icc["kept"].sum()), len(finished.icc)
    assert told()[1] == (
        f"Of {total} radiomic features, {kept} were candidates; 2 entered the Radscore."
    )
    none = told({"family": "cox", "coefficients": {}})[1]
    assert none.endswith("none entered the Radscore.")
    published = told({"family": "published", "coefficients": {"a": 1.0}})[1]
    assert published == "The Radscore has the 1 feature of the published study."


def test_what_the_multivariable_model_says(told, finished):
    text = told()[2]
    assert text.startswith(
        "In the multivariable Cox model of the training patients (n = 38, deaths"
    )
    assert "DLOP-CTR (per 10 points) (hazard ratio 0.81, 95% CI 0.68\N{EN DASH}0.96; p" in text
    assert "ALBI score" not in text  # p 0.2
    nothing = finished.table_s1.assign(hr_multi=float("nan"))
    assert told(table_s1=nothing)[2] == "No variable entered the multivariable Cox model."


def test_a_difference_is_told_from_the_final_model(told):
    columns = ["model_a", "model_b", "cohort", "difference", "lower", "upper", "p", "p_adjusted"]
    rows = [
        ("radscore", "dlop_cox", "external", -0.05, -0.08, -0.02, 0.001, 0.004),
        ("dlop_cox", "hap", "external", 0.11, 0.01, 0.21, 0.03, 0.03),
        ("radscore", "dlop_cox", "training", 0.03, 0.01, 0.05, 0.01, 0.02),
    ]
    comparisons = pd.DataFrame(rows, columns=columns).assign(n=88)
    text = told(performance=PERFORMANCE, comparisons=comparisons)[3]
    assert (
        "In the 88 patients of the external cohort whom both models predict, Harrell's C of "
        "DLOP-Cox less that of the other was 0.05 (95% CI 0.02\N{EN DASH}0.08; p = 0.004) for "
        "Radscore (p adjusted after Holm [@holm])." in text
    )
    assert "Of the other models in the external cohort (n = 90, deaths 40) it was 0.61" in text
    assert (
        "The calibration slope of DLOP-Cox was 0.70 (95% CI 0.40\N{EN DASH}1.00) in the external"
        in text
    )
