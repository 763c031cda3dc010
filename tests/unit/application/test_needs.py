import re

import pandas as pd
import pytest
import yaml

from taceflow.application.needs import terms_of, why_not
from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.program.check import check_study
from taceflow.study.plan import plan_study

SHEET = {"sex", "afp_ng_ml", "age_years"}


def with_networks(contents):
    network = {"kind": "network", "variables": [], "terms": []}
    contents["models.json"] |= {
        "dlopctr": network,
        "dlop_cox": contents["models.json"]["clinical"] | {"variables": ["afp_ng_ml", "dlopctr"]},
        "dlop_combin": network,
    }
    contents["dlop_combin.json"] = {"terms": [{"column": "mvi", "reference": None, "levels": []}]}


def test_a_model_needs_its_clinical_variables_and_no_score_of_the_study(opened):
    columns = {
        name: [term.column for term in terms]
        for name, terms in terms_of(opened(with_networks)).items()
    }
    assert columns["clinical"] == ["sex", "afp_ng_ml"]
    assert columns["radscore"] == columns["dlopctr"] == []
    assert columns["dlop_combin"] == ["mvi"]


@pytest.mark.parametrize(
    ("columns", "has_images", "served"),
    [
        (SHEET | {"mvi"}, True, {"clinical", "radscore", "dlopctr", "dlop_cox", "dlop_combin"}),
        (SHEET, True, {"clinical", "radscore", "dlopctr", "dlop_cox"}),
        ({"sex"}, True, {"radscore", "dlopctr"}),
        (SHEET | {"mvi"}, False, {"clinical", "radscore"}),
    ],
)
def test_who_lacks_a_column_gets_the_models_that_can_do_without(
    opened, columns, has_images, served
):
    reasons = why_not(opened(with_networks), columns, has_images=has_images)
    assert {name for name, reason in reasons.items() if not reason} == served
    if "afp_ng_ml" not in columns:
        assert reasons["clinical"] == "the table of patients has no value of afp_ng_ml"
    if not has_images:
        assert "needs images" in reasons["dlop_cox"]


def test_a_score_that_is_absent_is_told_with_the_columns_that_would_do(opened):
    def with_score(contents):
        contents["models.json"]["clinical"]["terms"] = [
            {"column": "albi_score", "reference": None, "levels": []}
        ]

    told = why_not(opened(with_score), {"sex"}, has_images=True)["clinical"]
    assert told.endswith("no value of albi_score (or of all of albumin_g_l + bilirubin_umol_l)")


def of_images(contents):
    """A bundle of clinical models over images, with what the five patients have."""
    contents["manifest.json"]["needs_images"] = True
    contents["models.json"] = {"clinical": contents["models.json"]["clinical"]}
    contents["models.json"]["clinical"]["terms"] = [
        {"column": "age_years", "reference": None, "levels": []}
    ]


@pytest.fixture
def new_patients(opened, own_config, rewrite):
    """The configuration that applies a bundle to five patients without outcomes."""

    def make(change=of_images, **columns):
        own_config["model"] = opened(change).path
        drop = ["time_months", "event"]
        path = own_config["tables"]["patients"]
        rewrite(path, lambda sheet: sheet.drop(columns=drop).assign(**columns))
        return own_config

    return make


def test_new_patients_are_planned_without_follow_up(new_patients):
    study = plan_study(new_patients(age_years=60))
    # B has no follow-up, C no scan
    assert study.to_import == ("A", "B", "D", "E")
    assert not study.is_fitted
    assert not study.is_validated
    assert study.unserved == {"clinical": ""}
    assert study.too_small_for == {}


def test_the_page_of_check_says_which_model_predicts(new_patients, tmp_path):
    config = new_patients(age_years=60)
    file = tmp_path / "new.yaml"
    content = {name: config[name] for name in ("tables", "model")}
    file.write_text(yaml.safe_dump(content | {"run": "new"}))
    page, is_right = check_study(str(file))
    assert is_right
    assert re.search(r"Takes part +4 patients, 0 followed, 0 died", page)
    assert re.search(r"Predicted +\S.*: yes", page)
    # of the columns that a study may have, the model takes one
    assert "Absent" not in page
    assert "Can fit" not in page


@pytest.mark.parametrize(("deaths", "is_validated"), [(3, False), (4, False), (5, True)])
def test_below_five_deaths_there_is_no_report_and_check_says_so(
    opened, own_config, rewrite, tmp_path, deaths, is_validated
):
    own_config["model"] = opened(of_images).path
    event = [1] * deaths + [0] * (5 - deaths)
    change = {"age_years": 60, "time_months": 5.0, "event": event}
    rewrite(own_config["tables"]["patients"], lambda sheet: sheet.assign(**change))
    path = own_config["tables"]["scans"]
    scan = read_table(path).iloc[[0]].assign(patient_id="C")
    scan["image"] = scan["image"].str.replace("A.nii", "C.nii")
    rewrite(path, lambda table: pd.concat([table, scan]))
    content = {name: own_config[name] for name in ("tables", "model")}
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(content | {"run": "new"}))
    page, _ = check_study(str(tmp_path / "new.yaml"))
    assert ("No report   below 5 deaths the models are not measured" in page) != is_validated
    assert plan_study(own_config).is_validated == is_validated


def test_a_table_that_serves_no_model_is_refused(new_patients):
    with pytest.raises(InputError, match=r"Clinical: the table of patients has no value of age_y"):
        plan_study(new_patients())


def test_a_cohort_of_another_phase_is_refused(new_patients, rewrite):
    config = new_patients(age_years=60)
    rewrite(config["tables"]["scans"], lambda table: table.assign(phase="portal"))
    with pytest.raises(InputError, match=r"none of 5 patients can .*5 for: no arterial scan in"):
        plan_study(config)


def test_levels_that_differ_by_capitals_are_named(new_patients):
    def with_grade(contents):
        of_images(contents)
        contents["models.json"]["clinical"]["terms"] = [
            {"column": "grade", "reference": "G1", "levels": ["G2"]}
        ]

    config = new_patients(with_grade, grade=["G1", "g2", "G3", "G1", "G1"])
    with pytest.raises(InputError, match=r"column 'grade': 'G2' and 'g2' are one level"):
        plan_study(config)


def test_a_centre_that_differs_from_the_trainings_by_capitals_is_named(new_patients):
    def harmonised(contents):
        of_images(contents)
        contents["manifest.json"]["settings"]["radiomics"]["harmonise"] = {
            "by": "centre",
            "unseen": "leave",
        }
        contents["radscore.json"]["harmonisation"] = {"batches": ["Bonn", "Ulm"]}

    config = new_patients(harmonised, centre=["bonn", "Ulm", "Ulm", "new", "Ulm"], age_years=60)
    with pytest.raises(InputError, match="'Bonn' and 'bonn' are one level"):
        plan_study(config)


def test_words_in_a_column_of_numbers_are_named(new_patients):
    config = new_patients(age_years=["60", "61", "old", "62", "63"])
    with pytest.raises(InputError, match=r"C .*'old'|old"):
        plan_study(config)
