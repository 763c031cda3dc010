"""Table S1 and the models side by side: screening, storage, prediction, evaluation."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from sksurv.metrics import integrated_brier_score
from sksurv.util import Surv

from taceflow.errors import CollinearityError, ConfigurationError
from taceflow.radscore.table_s2 import write_table_s2
from taceflow.study.models import MODELS
from taceflow.survival.evaluation.curves import write_curves
from taceflow.survival.evaluation.multiplicity import holm
from taceflow.survival.evaluation.optimism import write_optimism
from taceflow.survival.evaluation.performance import write_performance
from taceflow.survival.models.clinical_variables import (
    read_clinical_variables,
    write_clinical_variables,
)
from taceflow.survival.models.cox_by_seed import refit
from taceflow.survival.models.cut_off import find_cut_off, find_score_cut_off, risk_groups
from taceflow.survival.models.fit import cox_models, fit_models
from taceflow.survival.regression.design import (
    Term,
    Variable,
    as_levels,
    encode,
    make_term,
    sort_levels,
    variables_from,
)
from taceflow.survival.regression.screening import entering, fit_jointly, screen
from taceflow.survival.tables.table_1 import table_1
from taceflow.survival.tables.table_s1 import table_s1, write_table_s1

STRONG, WEAK = Variable("strong", "Strong"), Variable("weak", "Weak")
STAGE = Variable("stage", "Stage", "1")
DLOPCTR = Variable("dlopctr", "DLOP-CTR")
BREAKS = [0.0, 6.0, 12.0, 20.0, 36.0, 60.0]
ENTRIES = [
    {"column": "strong", "label": "Strong"},
    {"column": "weak", "label": "Weak"},
    {"column": "stage", "label": "Stage", "reference": 1},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]


def training(cohort):
    return cohort.loc[cohort["cohort"] == "training"]


def test_table_s1_equals_coxph_for_veteran(shared_data, veteran):
    table = pd.read_csv(shared_data / "stat/coxph/veteran_cox.csv", skipinitialspace=True)
    table = table.loc[table["ties"] == "efron"]
    variables = [
        Variable("trt", "Treatment", "1"),
        Variable("celltype", "Cell type", "squamous"),
        Variable("karno", "Karnofsky"),
        Variable("diagtime", "Time"),
        Variable("age", "Age"),
        Variable("prior", "Prior", "0"),
    ]
    found = table_s1(veteran, variables, p_enter=1.0)
    found["term"] = found["variable"] + found["level"].fillna("")
    for model, end in (("multi:all", "multi"), ("uni:", "uni")):
        expected = table.loc[table["model"].str.startswith(model)].set_index("term")
        both = found.set_index("term").join(expected, how="inner", rsuffix="_r")
        assert len(both) == 8
        np.testing.assert_allclose(both[f"hr_{end}"], both["hr"], rtol=1e-6)
        np.testing.assert_allclose(both[f"lower_{end}"], both["lo95"], rtol=1e-6)
        np.testing.assert_allclose(both[f"upper_{end}"], both["hi95"], rtol=1e-6)
        np.testing.assert_allclose(both[f"p_{end}"], both["p"], rtol=1e-5)
    cells = found.loc[found["variable"] == "celltype"]
    lr = table.loc[table["model"] == "uni:celltype", "lr_p"].iloc[0]
    np.testing.assert_allclose(cells["p_variable_uni"], lr, rtol=1e-6)
    assert cells.iloc[0][["level", "note"]].tolist() == ["squamous", "reference"]
    assert (found["n_multi"] == 137).all()


def test_what_enters_and_complete_cases(cohort):
    cohort.loc[[1, 2], "strong"] = np.nan
    cohort.loc[[4], "stage"] = np.nan
    table = table_s1(training(cohort), [STRONG, WEAK, STAGE], 0.05)
    by_name = table.drop_duplicates("variable").set_index("variable")
    n = len(training(cohort))
    assert by_name["n"].to_dict() == {"strong": n - 2, "weak": n, "stage": n - 1}
    assert by_name.loc["strong", "n_multi"] == n - 3
    assert np.isnan(by_name.loc["weak", "n_multi"])
    assert (table.loc[table["variable"] == "stage", "p_variable_multi"] < 0.05).all()
    assert table.loc[table["variable"] == "strong", "hr_multi"].item() > 1


def test_unusable_variables_have_a_row_and_a_reason(cohort):
    cohort["flat"] = 1.0
    cohort["copy"] = 3 * cohort["strong"]
    cohort["perfect"] = -cohort["time_months"] - 1000 * cohort["event"]
    cohort["sole"] = "left"
    cohort["empty"] = np.nan
    names = ["strong", "flat", "copy", "perfect", "empty", "absent"]
    variables = [Variable(name, name) for name in names]
    variables += [Variable("sole", "Sole", "left"), Variable("stage", "Stage", "9")]
    table = table_s1(training(cohort), variables, 0.05).set_index("variable")
    assert table.index.tolist() == [*names, "sole", "stage"]
    assert "does not vary" in table.loc["flat", "note"]
    assert "linear combination" in table.loc["copy", "note"]
    assert table.loc["copy", "hr_uni"] > 1
    assert np.isnan(table.loc["copy", "hr_multi"])
    assert table.loc["strong", "hr_multi"] > 1
    assert "no value" in table.loc["empty", "note"]
    assert "no value" in table.loc["absent", "note"]
    assert "one level only" in table.loc["sole", "note"]
    assert "reference level '9' does not occur" in table.loc["stage", "note"]
    empty = table.loc[["flat", "empty", "absent", "sole", "stage"], "hr_uni"]
    assert empty.isna().all()


def test_separation_is_a_row_with_a_note(cohort):
    group = training(cohort).copy()
    dead = group["event"] == 1
    group["marker"] = (dead & (group["time_months"] < 4)).astype(float)
    group["clock"] = -group["time_months"]
    table = table_s1(group, [STRONG, Variable("clock", "Clock")], 0.05).set_index("variable")
    assert "no finite estimate" in table.loc["clock", "note"]
    assert np.isnan(table.loc["clock", "hr_uni"])


def test_all_censored_gives_notes_not_a_crash(cohort):
    table = table_s1(training(cohort).assign(event=0), [STRONG, STAGE], 0.05)
    assert table["hr_uni"].isna().all()
    assert table["note"].str.contains("no death").all()


def test_words_need_a_reference(cohort):
    cohort["side"] = np.where(cohort["weak"] > 0, "left", "right")
    with pytest.raises(ConfigurationError, match="Give it a `reference` level"):
        screen(cohort, [Variable("side", "Side")])


def test_levels():
    column = pd.Series([1.0, 2.0, np.nan, 10.0])
    assert as_levels(column).tolist() == ["1", "2", None, "10"]
    assert sort_levels(["10", "2", "1"]) == ["1", "2", "10"]
    term = make_term(pd.DataFrame({"x": column}), Variable("x", "X", "2"))
    assert term == Term("x", "2", ("1", "10"))
    design = encode(pd.DataFrame({"x": [2, 10, 7, np.nan]}), [term])
    np.testing.assert_array_equal(design, [[0, 0], [0, 1], [np.nan, np.nan], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("values", "reference", "level"),
    [
        ([1, 2], "01", "1"),
        ([1, 2], "1.0", "1"),
        ([1.0, np.nan, 2.0], 1.0, "1"),
        ([0, 1], False, "0"),
        ([0, 1], "FALSE", "0"),
        ([False, True], "FALSE", "False"),
        ([False, True], 0, "False"),
        (["no", "yes"], False, "no"),
        (["01", "1", "x"], "01", "01"),
    ],
)
def test_a_reference_is_read_as_its_column_is(values, reference, level):
    table = pd.DataFrame({"x": values, "cohort": "training"})
    (variable,) = variables_from([{"column": "x", "label": "X", "reference": reference}])
    assert make_term(table, variable).reference == level
    assert table_1(table, [variable])["level"].iloc[0] == level


@pytest.mark.parametrize(("values", "reference"), [(["01", "1.0"], "1"), (["a", "b"], "c")])
def test_a_reference_that_may_be_several_levels_or_none_does_not_occur(values, reference):
    with pytest.raises(CollinearityError, match=f"'{reference}' does not occur"):
        make_term(pd.DataFrame({"x": values}), Variable("x", "X", reference))


def test_joint_model_without_variables(cohort):
    assert fit_jointly(cohort, []).fit is None
    assert entering(screen(training(cohort), [WEAK]), 1e-9) == []


def test_the_parts_of_a_score_leave_the_joint_model(cohort):
    random = np.random.default_rng(1)
    albumin, log_bilirubin = random.normal(38, 4, len(cohort)), random.normal(1.2, 0.2, len(cohort))
    table = cohort.assign(
        albumin_g_l=albumin,
        bilirubin_umol_l=10**log_bilirubin,
        albi_score=0.66 * log_bilirubin - 0.085 * albumin,
    )
    variables = [
        Variable(name, name) for name in ("albumin_g_l", "strong", "bilirubin_umol_l", "albi_score")
    ]
    joint = fit_jointly(training(table), variables)
    assert [term.column for term in joint.terms] == ["strong", "albi_score"]
    assert set(joint.dropped) == {"albumin_g_l", "bilirubin_umol_l"}
    without_score = fit_jointly(training(table), variables[:3])
    assert len(without_score.terms) == 3


def test_stepwise_selection_takes_what_only_shows_beside_another(cohort, tmp_path):
    """The masked variable's own effect and that of what goes with it cancel each other."""
    draw = np.random.default_rng(4)
    masked = 0.9 * cohort["strong"] + 0.4 * draw.normal(size=len(cohort))
    death = draw.exponential(30, len(cohort)) * np.exp(1.8 * masked - 2 * cohort["strong"])
    cohort = cohort.assign(cohort="training", masked=masked, time_months=death + 0.1, event=1)
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    entries = [{"column": name, "label": name} for name in ("masked", "strong", "weak")]
    expected = {"univariate": ["strong"], "stepwise": ["masked", "strong"]}
    for select, names in expected.items():
        write_clinical_variables(
            patients=str(tmp_path / "patients.tsv"),
            variables=entries,
            p_enter=0.01,
            select=select,
            chosen=str(tmp_path / "chosen.json"),
        )
        variables, note = read_clinical_variables(str(tmp_path / "chosen.json"))
        assert ([variable.column for variable in variables], note) == (names, "")


@pytest.mark.parametrize(
    ("select", "reason"), [("univariate", "univariate p < 0.001"), ("stepwise", "by AIC leaves no")]
)
def test_no_clinical_variable_is_selected(cohort, tmp_path, select, reason):
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_clinical_variables(
        patients=str(tmp_path / "patients.tsv"),
        variables=ENTRIES[1:2],
        p_enter=0.001,
        select=select,
        chosen=str(tmp_path / "chosen.json"),
    )
    variables, note = read_clinical_variables(str(tmp_path / "chosen.json"))
    assert variables == []
    assert reason in note
    assert reason in cox_models(training(cohort), variables, note)["clinical"]["note"]


def test_what_is_known_after_the_treatment_enters_no_model(cohort, tmp_path):
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    chosen = str(tmp_path / "chosen.json")
    for baseline, expected in ((True, ["strong"]), (False, [])):
        entries = [{"column": "strong", "label": "Strong", "baseline": baseline}]
        write_clinical_variables(
            patients=str(tmp_path / "patients.tsv"),
            variables=entries,
            p_enter=0.05,
            select="univariate",
            chosen=chosen,
        )
        variables, _ = read_clinical_variables(chosen)
        assert [variable.column for variable in variables] == expected


def test_a_variable_that_could_not_be_tried_is_no_weak_one(cohort, tmp_path):
    # its reference level is that of validation patients alone
    levels = ["G2", "G3"] * (len(cohort) // 2 + 1)
    grade = pd.Series(levels[: len(cohort)], cohort.index)
    grade = grade.where(cohort["cohort"] == "training", "G1")
    cohort.assign(grade=grade).to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    chosen = str(tmp_path / "chosen.json")
    write_clinical_variables(
        patients=str(tmp_path / "patients.tsv"),
        variables=[{"column": "grade", "label": "Grade", "reference": "G1"}],
        p_enter=0.05,
        select="univariate",
        chosen=chosen,
    )
    _, note = read_clinical_variables(chosen)
    assert "not tried: grade: its reference level 'G1' does not occur (found G2, G3)" in note


def test_no_clinical_variable_enters(cohort):
    models = cox_models(training(cohort), [], "no clinical variable has a univariate p < 1e-06")
    assert models["clinical"]["variables"] == []
    assert "no clinical variable" in models["clinical"]["note"]
    assert models["dlop_cox"]["variables"] == ["dlopctr"]


def test_a_radscore_without_features_is_a_null_model(cohort):
    models = cox_models(training(cohort).assign(radscore=0.0), [STRONG])
    assert models["radscore"]["coefficients"] == {}
    assert "radscore" in models["radscore"]["note"]


class Run:
    """The tables that the survival rules read, and their outputs."""

    cut_off = "median"
    select = "univariate"

    def __init__(self, folder, cohort):
        self.folder, self.cohort = folder, cohort
        cohort.drop(columns=["radscore", "dlopctr"]).to_csv(
            self.path("patients.tsv"), sep="\t", index=False
        )
        self.write_radscore(cohort)
        (folder / "breaks.json").write_text(
            json.dumps({"breaks_months": BREAKS, "horizon_months": 20.0})
        )
        for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin")):
            self.write_network(cohort, name, table)

    def write_radscore(self, cohort):
        """Write the Radscore, and who is of high risk by it, as its own rules do."""
        rows = training(cohort)
        follow_up = rows["time_months"].to_numpy(), rows["event"].to_numpy()
        found = find_score_cut_off(rows["radscore"].to_numpy(), *follow_up, self.cut_off)
        (self.folder / "radscore.json").write_text(
            json.dumps(found.as_json() | {"note": found.note})
        )
        groups = risk_groups(cohort["radscore"].to_numpy(), found.as_json())
        scores = cohort[["patient_id", "cohort", "radscore"]].assign(risk_group=groups)
        scores.to_csv(self.path("scores.tsv"), sep="\t", index=False)

    def write_network(self, cohort, name, table):
        """Write a network's predictions: two seeds, one of them blurred."""
        ids = cohort[["patient_id", "cohort"]]
        seeds = []
        for number, power in ((1, 1.0), (2, 1.5)):
            # the first half of the risk in every interval, so that S(20) is the score
            score = cohort["dlopctr"].clip(0.01, 0.99) ** power
            curves = {
                f"survival_at_{months:.2f}_months": score ** (months / 20) for months in BREAKS[1:]
            }
            seeds.append(ids.assign(seed=number, **{name: score}, **curves))
        apart = pd.concat(seeds, ignore_index=True)
        apart.to_csv(self.path(f"{table}_by_seed.tsv"), sep="\t", index=False)
        mean = apart.drop(columns=["seed", "cohort"]).groupby("patient_id").mean().reset_index()
        mean = ids.merge(mean, on="patient_id").assign(out_of_fold=0, **{f"{name}_sd": 0.1})
        mean.to_csv(self.path(f"{table}.tsv"), sep="\t", index=False)
        (self.folder / f"{table}.safetensors").write_bytes(name.encode())

    def path(self, name):
        return str(self.folder / name)

    def fit(self, images=True):
        write_clinical_variables(
            patients=self.path("patients.tsv"),
            variables=ENTRIES,
            p_enter=0.05,
            select=self.select,
            chosen=self.path("clinical_variables.json"),
        )
        fit_models(
            patients=self.path("patients.tsv"),
            radscore_scores=self.path("scores.tsv"),
            radscore_model=self.path("radscore.json"),
            networks={
                name: {
                    "predictions": self.path(f"{table}.tsv"),
                    "weights": self.path(f"{table}.safetensors"),
                }
                for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin"))
                if images
            },
            by_seed=self.path("dlopctr_by_seed.tsv") if images else None,
            breaks=self.path("breaks.json") if images else None,
            clinical_variables=self.path("clinical_variables.json"),
            horizons_months=[12, 36, 600],
            cut_off=self.cut_off,
            models=self.path("models.json"),
            predictions=self.path("predictions.tsv"),
        )
        return json.loads((self.folder / "models.json").read_text()), self.read("predictions.tsv")

    def evaluate(self, images=True):
        shared = {
            "patients": self.path("patients.tsv"),
            "predictions": self.path("predictions.tsv"),
            "horizons_months": [12, 36, 600],
        }
        write_performance(
            **shared,
            models=self.path("models.json"),
            by_seed={
                name: self.path(f"{table}_by_seed.tsv")
                for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin"))
                if images
            },
            bootstraps=20,
            seed=1,
            performance=self.path("performance.tsv"),
            comparisons=self.path("comparisons.tsv"),
        )
        names = ("roc", "auc", "calibration", "decision_curve")
        write_curves(**shared, **{name: self.path(f"{name}.tsv") for name in names})
        return {name: self.read(f"{name}.tsv") for name in ("performance", "comparisons", *names)}

    def read(self, name):
        return pd.read_csv(self.folder / name, sep="\t", float_precision="round_trip")


@pytest.fixture
def run(tmp_path, cohort):
    cohort.loc[[0, 1], "strong"] = np.nan
    return Run(tmp_path, cohort)


def test_models_and_predictions(run, cohort):
    models, predictions = run.fit()
    assert list(dict.fromkeys(predictions["model"])) == list(MODELS)
    assert models["clinical"]["variables"] == ["strong", "stage=2", "stage=3"]
    assert models["dlop_cox"]["variables"] == ["dlopctr", "strong", "stage=2", "stage=3"]
    assert models["dlopctr"]["kind"] == models["dlop_combin"]["kind"] == "network"
    assert models["dlopctr"]["weights"] == {
        "file": "dlopctr/dlopctr.safetensors",
        "sha256": hashlib.sha256(b"dlopctr").hexdigest(),
    }
    assert "nothing at 600 months, beyond its last break (60.0)" in models["dlopctr"]["note"]
    network = predictions[predictions["model"] == "dlopctr"].set_index("patient_id")
    own = run.read("dlopctr.tsv").set_index("patient_id").loc[network.index]
    np.testing.assert_allclose(network["risk"], 1 - own["dlopctr"])
    for months in (12, 36):
        expected = own[f"survival_at_{months}.00_months"]
        np.testing.assert_allclose(network[f"survival_{months}_months"], expected)
    counts = predictions["model"].value_counts()
    assert counts["clinical"] == counts["dlop_cox"] == len(cohort) - 2
    assert counts["radscore"] == counts["dlop_combin"] == counts["dlopctr"] == len(cohort)
    for name, rows in predictions.groupby("model"):
        inside = rows.loc[rows["cohort"] == "training"]
        assert models[name]["cut_off"] == pytest.approx(inside["risk"].median(), abs=1e-14)
        assert abs((inside["risk_group"] == "high").mean() - 0.5) < 0.02
        assert (rows["survival_12_months"] >= rows["survival_36_months"]).all()
        assert rows["survival_600_months"].isna().all()


def test_stepwise_models_take_what_stepwise_table_s1_takes(run, cohort):
    run.select = "stepwise"
    models, _ = run.fit()
    rows = table_s1(training(cohort), [STRONG, WEAK, STAGE], 0.05, select="stepwise")
    assert models["clinical"]["variables"] == ["strong", "stage=2", "stage=3"]
    assert set(rows.loc[rows["hr_multi"].notna(), "variable"]) == {"strong", "stage"}
    chosen = json.loads((run.folder / "clinical_variables.json").read_text())
    assert chosen["selection"] == rows["selection"].iloc[0] == "stepwise AIC"


def test_validation_labels_change_no_fitted_file(run, cohort, tmp_path):
    before, _ = run.fit()
    outside = cohort["cohort"] == "validation"
    cohort.loc[outside, "event"] = 1 - cohort.loc[outside, "event"]
    cohort.loc[outside, "time_months"] = cohort.loc[outside, "time_months"].to_numpy()[::-1]
    (tmp_path / "again").mkdir()
    after, _ = Run(tmp_path / "again", cohort).fit()
    assert before == after


def test_order_of_patients_does_not_matter(run, cohort, tmp_path):
    run.fit()
    (tmp_path / "again").mkdir()
    again = Run(tmp_path / "again", cohort.iloc[::-1])
    again.fit()
    for name in ("models.json", "predictions.tsv"):
        assert (run.folder / name).read_text() == (again.folder / name).read_text()


def test_evaluation(run):
    run.fit()
    tables = run.evaluate()
    performance = tables["performance"]
    keys = ["model", "cohort", "metric", "horizon_months"]
    values = performance.set_index(keys)["estimate"]
    assert values["clinical", "training", "c_index", np.nan] > 0.65
    assert values["clinical", "training", "calibration_slope", np.nan] == pytest.approx(1, abs=1e-6)
    late = performance.loc[performance["horizon_months"] == 600]
    assert late["estimate"].isna().all()
    assert late["note"].str.contains("nobody followed beyond 600").all()
    known = performance.loc[performance["estimate"].notna()]
    assert known["lower"].notna().all()
    assert (known["lower"] <= known["estimate"]).all()
    brier = known.loc[known["metric"] == "brier_integrated"]
    assert brier["estimate"].between(0, 0.3).all()
    assert set(brier["horizon_months"]) == {36}
    by_network = known["model"].map(lambda name: MODELS[name].needs_images)
    spread = known[["seed_sd", "seed_min", "seed_max"]]
    assert spread[by_network].notna().all(axis=None)
    assert spread[~by_network].isna().all(axis=None)
    assert (spread["seed_min"].dropna() <= spread["seed_max"].dropna()).all()
    # Every pair of five models, on the patients who trained none of them.
    assert len(tables["comparisons"]) == 10
    assert set(tables["comparisons"]["cohort"]) == {"validation"}
    assert (tables["comparisons"]["p_adjusted"] >= tables["comparisons"]["p"]).all()
    assert set(tables["decision_curve"]["model"]) >= {"treat_all", "treat_none", "clinical"}
    # Two training patients lack a variable of two models: no decision curve holds them.
    inside = tables["decision_curve"].loc[tables["decision_curve"]["cohort"] == "training"]
    assert (inside["n"] == tables["performance"].loc[
        lambda rows: (rows["model"] == "clinical") & (rows["cohort"] == "training"), "n"
    ].iloc[0]).all()  # fmt: skip
    assert set(tables["roc"]["horizon_months"]) == {12, 36}
    assert set(tables["calibration"]["horizon_months"]) == {12, 36}


def test_spread_of_dlop_cox_is_that_of_models_of_single_seeds(run, cohort):
    models, _ = run.fit()
    performance = run.evaluate()["performance"]
    assert len(models["dlop_cox"]["by_seed"]) == 2
    scores = run.read("dlopctr_by_seed.tsv").pivot_table("dlopctr", "patient_id", "seed")
    found = {"c_index": [], "calibration_slope": []}
    for seed, fit in zip((1, 2), models["dlop_cox"]["by_seed"], strict=True):
        table = cohort.assign(
            dlopctr=cohort["patient_id"].map(scores[seed]),
            **{f"stage={level}": (cohort["stage"] == level).astype(float) for level in (2, 3)},
        ).dropna(subset="strong")
        columns = ["time_months", "event", *models["dlop_cox"]["variables"]]
        own = CoxPHFitter().fit(training(table)[columns], "time_months", "event")
        for name, value in fit["coefficients"].items():
            assert own.params_[name] == pytest.approx(value, rel=1e-3)
        rows = table[table["cohort"] == "validation"]
        risk = own.predict_log_partial_hazard(rows)
        found["c_index"].append(concordance_index(rows["time_months"], -risk, rows["event"]))
        outside = rows[["time_months", "event"]].assign(risk=risk)
        slope = CoxPHFitter().fit(outside, "time_months", "event").params_["risk"]
        found["calibration_slope"].append(slope)
    key = ["model", "cohort", "metric"]
    values = performance.set_index(key).sort_index().loc[("dlop_cox", "validation")]
    for metric, each in found.items():
        row = values.loc[metric]
        assert row["seed_min"] == pytest.approx(min(each), rel=1e-3)
        assert row["seed_max"] == pytest.approx(max(each), rel=1e-3)
        assert row["seed_sd"] == pytest.approx(np.std(each, ddof=1), rel=1e-2, abs=1e-4)


def test_a_model_without_dlopctr_has_no_spread(cohort, run):
    model = cox_models(training(cohort).assign(dlopctr=0.5), [STRONG])["dlop_cox"]
    assert refit(model, training(cohort), run.path("dlopctr_by_seed.tsv")) == []


def test_evaluation_twice_gives_the_same_tables(run):
    run.fit()
    run.evaluate()
    first = (run.folder / "performance.tsv").read_bytes()
    run.evaluate()
    assert (run.folder / "performance.tsv").read_bytes() == first


def test_an_external_cohort_is_measured_and_chooses_nothing(cohort, tmp_path):
    external = cohort.index[cohort["cohort"] == "validation"][::2]
    cohort.loc[external, "cohort"] = "external"
    found = []
    for name in ("as it was", "with other outcomes"):
        (tmp_path / name).mkdir()
        run = Run(tmp_path / name, cohort)
        models, predictions = run.fit()
        found.append((models, predictions, run.evaluate()))
        cohort.loc[external, "event"] = 1 - cohort.loc[external, "event"]
        cohort.loc[external, "time_months"] = cohort.loc[external, "time_months"].to_numpy()[::-1]
    (models, predictions, tables), (again, same, others) = found
    assert models == again
    pd.testing.assert_frame_equal(predictions, same)
    for name in ("performance", "comparisons"):
        before, after = (
            table[table["cohort"] != "external"].reset_index(drop=True)
            for table in (tables[name], others[name])
        )
        pd.testing.assert_frame_equal(before, after)
    performance = tables["performance"]
    rows = performance[(performance["cohort"] == "external") & (performance["metric"] == "c_index")]
    assert len(rows) == 5
    assert rows["estimate"].notna().all()
    assert set(tables["roc"]["cohort"]) == {"training", "validation", "external"}
    assert (tables["comparisons"]["cohort"] == "external").sum() == 10


def test_integrated_brier_of_a_network_is_of_its_own_curve(run, cohort):
    run.fit()
    performance = run.evaluate()["performance"]
    rows = cohort[cohort["cohort"] == "validation"]
    months = np.arange(1.0, 37.0)
    months = months[months >= rows["time_months"].min()]
    score = rows["dlopctr"].clip(0.01, 0.99).to_numpy()
    # linear between the breaks, 1 at the start; the mean of two seeds
    curve = np.mean(
        [
            [np.interp(months, BREAKS, s ** (power * np.array(BREAKS) / 20)) for s in score]
            for power in (1.0, 1.5)
        ],
        axis=0,
    )
    outcome = Surv.from_arrays(rows["event"].astype(bool), rows["time_months"])
    found = performance[
        (performance["model"] == "dlopctr")
        & (performance["cohort"] == "validation")
        & (performance["metric"] == "brier_integrated")
    ]
    assert found["estimate"].item() == pytest.approx(
        integrated_brier_score(outcome, outcome, curve, months), abs=1e-12
    )


def test_without_images_and_with_a_cohort_too_short_for_any_horizon(run, cohort, tmp_path):
    cohort["time_months"] = cohort["time_months"] / 100
    (tmp_path / "short").mkdir()
    short = Run(tmp_path / "short", cohort)
    models, _ = short.fit(images=False)
    assert list(models) == ["clinical", "radscore"]
    tables = short.evaluate(images=False)
    assert len(tables["roc"]) == len(tables["decision_curve"]) == 0
    performance = tables["performance"]
    assert performance.loc[performance["metric"] == "c_index", "estimate"].notna().all()
    assert performance.loc[performance["estimate"].isna(), "note"].notna().all()


def test_scores_of_the_users_own_make_no_model(run, cohort):
    table = run.read("patients.tsv")
    expected = run.fit(images=False)[0]
    table = table.assign(dlopctr=cohort["dlopctr"], radscore=0.0)
    table.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    assert run.fit(images=False)[0] == expected


def test_written_table_s1_adds_dlopctr_at_the_end(run):
    write_table_s1(
        patients=run.path("patients.tsv"),
        dlopctr_predictions=run.path("dlopctr.tsv"),
        variables=ENTRIES[:3],
        p_enter=0.05,
        select="univariate",
        missing="complete",
        seed=1,
        table=run.path("table_s1.tsv"),
    )
    table = run.read("table_s1.tsv")
    assert table["variable"].tolist() == ["strong", "weak", "stage", "stage", "stage", "dlopctr"]
    assert table["hr_uni"].iloc[-1] < 1
    learned = run.cohort["cohort"] == "training"
    assert table["n"].max() == learned.sum()
    assert table["events"].max() == run.cohort.loc[learned, "event"].sum()


def test_the_figures_corrected_for_optimism_are_the_training_patients(run):
    run.fit()
    performance = run.evaluate()["performance"]
    write_optimism(
        patients=run.path("patients.tsv"), radscore_scores=run.path("scores.tsv"),
        radscore_resamples=None, dlopctr_predictions=run.path("dlopctr.tsv"),
        models=run.path("models.json"), variables=ENTRIES, p_enter=0.05, select="univariate",
        horizons_months=[12, 36], bootstraps=2, seed=1, optimism=run.path("optimism.tsv"),
    )  # fmt: skip
    key = ["model", "metric", "horizon_months"]
    trained = performance[performance["cohort"] == "training"].set_index(key)["estimate"]
    found = run.read("optimism.tsv").set_index(key)["apparent"]
    assert {"clinical", "dlop_cox"} == set(found.index.get_level_values("model"))
    of_c = found[found.index.get_level_values("metric") == "c_index"]
    np.testing.assert_allclose(of_c, trained[of_c.index], rtol=1e-12)


def test_table_s2(tmp_path):
    model = {"intercept": 0.5, "coefficients": {"log-sigma-2-0-mm-3D_ngtdm_Contrast": -3.0}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    write_table_s2(
        model=str(tmp_path / "model.json"), frequency=None, table=str(tmp_path / "s2.tsv")
    )
    assert (tmp_path / "s2.tsv").read_text().splitlines()[1:] == [
        "(Intercept)\t(Intercept)\t0.5\t\t\t",
        "log-sigma-2-0-mm-3D_ngtdm_Contrast\tlog.sigma.2.0.mm.3D_ngtdm_Contrast\t-3\t\t\t",
    ]
    (tmp_path / "model.json").write_text(json.dumps({"intercept": None, "coefficients": {}}))
    write_table_s2(
        model=str(tmp_path / "model.json"), frequency=None, table=str(tmp_path / "s2.tsv")
    )
    assert len((tmp_path / "s2.tsv").read_text().splitlines()) == 1


def test_established_scores_stand_beside_the_models(run, cohort):
    cohort["albi_score"] = cohort["strong"].fillna(0)
    cohort["hap_score"] = 1.0
    cohort.to_csv(run.path("patients.tsv"), sep="\t", index=False)
    models, predictions = run.fit()
    # a score that is the same for everybody cannot be a model, one that the sheet lacks is none
    assert set(models) & {"albi", "bclc_b", "child_pugh", "hap", "six_and_twelve"} == {"albi"}
    rows = predictions.loc[predictions["model"] == "albi"].set_index("patient_id")
    assert rows["risk"].corr(cohort.set_index("patient_id")["albi_score"]) == pytest.approx(1)
    tables = run.evaluate()
    families = tables["comparisons"].groupby("family").size().to_dict()
    assert families == {"study": 10, "established": 5}
    for _, tested in tables["comparisons"].groupby("family"):
        assert tested["p_adjusted"].tolist() == pytest.approx(holm(tested["p"]))
    assert "albi" in set(tables["performance"]["model"])
    for curves in ("roc", "auc", "calibration", "decision_curve"):
        assert "albi" not in set(tables[curves]["model"])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("method", ["median", "log_rank"])
def test_who_is_high_risk_by_radscore_is_decided_once(tmp_path, cohort, sign, method):
    cohort["radscore"] = np.round(sign * cohort["radscore"], 1)  # with ties
    run = Run(tmp_path, cohort)
    run.cut_off = method
    run.write_radscore(cohort)
    models, predictions = run.fit(images=False)
    scores = run.read("scores.tsv").set_index("patient_id")["risk_group"]
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows["risk_group"].tolist() == scores.loc[rows.index].tolist()
    assert set(scores) == {"low", "high"}
    # the model's cut-off is the Radscore's, on the scale of the risk, where higher is worse
    assert rows.loc[rows["risk_group"] == "high", "risk"].min() > models["radscore"]["cut_off"]
    assert rows.loc[rows["risk_group"] == "low", "risk"].max() <= models["radscore"]["cut_off"]
    reversed_ = "a higher score went with longer survival" in models["radscore"]["note"]
    assert reversed_ == (sign < 0) == (models["radscore"]["coefficients"]["radscore"] < 0)
    died = cohort.set_index("patient_id").loc[rows.index, "event"].groupby(rows["risk_group"])
    months = cohort.set_index("patient_id").loc[rows.index, "time_months"]
    rate = died.sum() / months.groupby(rows["risk_group"]).sum()
    assert rate["high"] > rate["low"]


def test_the_models_take_the_decision_of_the_radscores_own_table(run):
    table = run.read("scores.tsv")
    changed = table["patient_id"].iloc[7]
    table.loc[7, "risk_group"] = {"low": "high", "high": "low"}[table.loc[7, "risk_group"]]
    table.to_csv(run.path("scores.tsv"), sep="\t", index=False)
    _, predictions = run.fit(images=False)
    rows = predictions[predictions["model"] == "radscore"].set_index("patient_id")
    assert rows.loc[changed, "risk_group"] == table.loc[7, "risk_group"]


def test_a_radscore_that_is_alike_for_all_has_one_group_and_says_so(tmp_path, cohort):
    run = Run(tmp_path, cohort.assign(radscore=0.0))
    models, predictions = run.fit(images=False)
    assert models["radscore"]["cut_off"] == 0
    rows = predictions[predictions["model"] == "radscore"]
    assert set(rows["risk_group"]) == {"low"}
    assert "one risk group, low: all" in models["radscore"]["note"]


def test_a_cut_off_by_the_log_rank_statistic_is_stored_with_its_p(run, cohort):
    run.cut_off = "log_rank"
    run.write_radscore(cohort)
    models, predictions = run.fit()
    for name in ("clinical", "dlopctr", "dlop_combin"):
        assert models[name]["cut_off_method"] == "log_rank"
        assert 0 <= models[name]["cut_off_p"] <= 1
    rows = predictions[(predictions["model"] == "dlopctr") & (predictions["cohort"] == "training")]
    people = cohort.set_index("patient_id").loc[rows["patient_id"]]
    expected = find_cut_off(
        rows["risk"].to_numpy(), people["time_months"].to_numpy(), people["event"].to_numpy(),
        "log_rank",
    )  # fmt: skip
    assert models["dlopctr"]["cut_off"] == pytest.approx(expected.value)
    assert (rows["risk_group"] == "high").tolist() == (rows["risk"] > expected.value).tolist()
