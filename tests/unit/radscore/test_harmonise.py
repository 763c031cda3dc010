"""Harmonised features: what is learnt, from whom, and what becomes of everybody else."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.without_patients import told_harmonisation
from taceflow.errors import InputError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.radiomics.combat import Unharmonised, fit_combat
from taceflow.radscore.cox_path import cox_deviance, cox_path
from taceflow.radscore.folds import write_folds
from taceflow.radscore.harmonise import apply_harmonisation, described, write_harmonised
from taceflow.radscore.lasso_cox import COX, _interpolated, cross_validate
from taceflow.radscore.model import fit_radscore, write_scores
from taceflow.radscore.resampling import Bootstrap, draw_resample
from taceflow.radscore.stability import coefficients_of, resampled_scores, write_stability
from taceflow.radscore.training_data import load_training, with_death_by

N, P = 90, 12
NAMES = [f"original_glcm_F{j}" for j in range(P)]


class Study:
    """Ninety patients of three centres, which shift and stretch what is measured."""

    def __init__(self, folder):
        draw = np.random.default_rng(11)
        self.folder = folder
        self.ids = [f"P{k:03d}" for k in range(N)]
        truth = draw.normal(size=(N, P))
        centre = np.array(["Bonn", "Ulm", "Bonn", "Trier"])[np.arange(N) % 4]
        shift = {"Bonn": 0.0, "Ulm": 3.0, "Trier": -2.0}
        scale = {"Bonn": 1.0, "Ulm": 2.0, "Trier": 0.5}
        at = np.array([[shift[name], scale[name]] for name in centre])
        self.truth = truth
        values = at[:, [0]] + at[:, [1]] * truth
        self.features = pd.DataFrame(values, columns=NAMES)
        self.features.insert(0, "patient_id", self.ids)
        self.patients = pd.DataFrame(
            {
                "patient_id": self.ids,
                "cohort": np.where(np.arange(N) % 3 == 2, "validation", "training"),
                "time_months": draw.exponential(20, N) * np.exp(-1.2 * truth[:, 0]) + 0.1,
                "event": (draw.random(N) < 0.8).astype(int),
                "centre": centre,
            }
        )
        self.acquisition = None

    def path(self, name):
        return str(self.folder / name)

    def harmonise(self, by="centre", unseen="leave"):
        self.patients.to_csv(self.path("patients.tsv"), sep="\t", index=False)
        self.features.to_parquet(self.path("features.parquet"))
        kept = pd.DataFrame({"feature": NAMES, "kept": 1, "reason": "test"})
        ends = [f"icc_{k}{end}" for k in ("intra", "inter") for end in ("", "_lower", "_upper")]
        kept = kept.assign(**dict.fromkeys(ends, np.nan), n_intra=0, n_inter=0)
        kept.to_csv(self.path("icc.tsv"), sep="\t", index=False)
        if self.acquisition is not None:
            self.acquisition.to_csv(self.path("acquisition.tsv"), sep="\t", index=False)
        write_harmonised(
            patients=self.path("patients.tsv"),
            features=self.path("features.parquet"),
            icc=self.path("icc.tsv"),
            acquisition=None if self.acquisition is None else self.path("acquisition.tsv"),
            by=by,
            unseen=unseen,
            batches=self.path("batches.tsv"),
            model=self.path("harmonisation.json"),
            harmonised=self.path("harmonised.parquet"),
        )
        table = pd.read_parquet(self.path("harmonised.parquet")).set_index("patient_id")
        return read_table(self.path("batches.tsv"), "batches"), table

    def training(self):
        drawn = {"folds": 5, "seed": 1, "horizon_months": None, "output": self.path("folds.tsv")}
        write_folds(patients=self.path("patients.tsv"), **drawn)
        return load_training(
            patients=self.path("patients.tsv"),
            features=self.path("features.parquet"),
            icc=self.path("icc.tsv"),
            folds=self.path("folds.tsv"),
            harmonised=self.path("harmonised.parquet"),
            batches=self.path("batches.tsv"),
        )

    def fit(self):
        files = {"path": "path.tsv", "cv": "cv.tsv", "model": "model.json"}
        files = {key: self.path(name) for key, name in files.items()}
        choices = {"choose": "lambda.min", "horizon_months": None, "cut_off": "median"}
        fit_radscore(self.training(), COX, **choices, **files)
        return read_json(self.path("model.json"))

    def fitted_files(self):
        names = ("harmonisation.json", "path.tsv", "cv.tsv", "model.json")
        return {name: (self.folder / name).read_bytes() for name in names}


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


def test_the_centres_shift_and_stretch_are_taken_out(study):
    _, table = study.harmonise()
    moved, raw = table.loc[study.ids].to_numpy(), study.features[NAMES].to_numpy()

    def agreement(values):
        return np.mean([np.corrcoef(values[:, j], study.truth[:, j])[0, 1] for j in range(P)])

    assert agreement(moved) > 0.97 > 0.6 > agreement(raw)


def test_validation_patients_move_no_number_that_is_fitted(study):
    study.harmonise()
    study.fit()
    before = study.fitted_files()
    training = study.patients["cohort"].eq("training")
    ids = study.patients.loc[training, "patient_id"]
    table = pd.read_parquet(study.path("harmonised.parquet")).set_index("patient_id")
    study.features.loc[~training, NAMES] = 1e3 * study.features.loc[~training, NAMES] - 7
    study.features.loc[~training & study.patients["centre"].eq("Ulm"), NAMES[3]] = np.nan
    study.patients.loc[~training, "centre"] = "Ulm"
    study.patients.loc[~training, ["time_months", "event"]] = [3.0, 1]
    _, changed = study.harmonise()
    study.fit()
    assert study.fitted_files() == before
    assert changed.loc[ids].to_numpy().tobytes() == table.loc[ids].to_numpy().tobytes()


def test_the_order_of_the_tables_moves_nothing(study):
    study.harmonise()
    study.fit()
    before = study.fitted_files()
    study.features = study.features.iloc[::-1]
    study.patients = study.patients.iloc[::-1]
    study.harmonise()
    study.fit()
    assert study.fitted_files() == before


def test_a_patient_of_an_unseen_centre_is_left_as_he_is_and_it_is_said(study):
    study.patients.loc[2, "centre"] = "Jena"
    study.patients.loc[5, "centre"] = None
    batches, table = study.harmonise()
    raw = study.features.set_index("patient_id")
    rows = batches.set_index("patient_id")
    assert rows["harmonised"].eq(0).sum() == 2
    for patient, words in (("P002", "no training patient has this"), ("P005", "no centre is")):
        assert table.loc[patient].tolist() == raw.loc[patient].tolist()
        assert rows.loc[patient, "note"].startswith(words)
    assert rows.loc["P008", ["harmonised"]].item() == 1
    assert table.loc["P008"].tolist() != raw.loc["P008"].tolist() or rows.batch["P008"] == "Bonn"
    with pytest.raises(InputError, match=r"P002: no training .* of 2 patients .*unseen: leave"):
        study.harmonise(unseen="refuse")


def test_refuse_is_content_where_all_are_known(study):
    study.harmonise(unseen="refuse")


@pytest.mark.parametrize(
    ("rows", "centre", "words"),
    [
        ([0], None, "patient P000: the centre is not known, and so of 1 of 60 training"),
        ([0, 1, 3, 4], "Jena", "P000: 4 training patients alone have this centre.*takes 5"),
        (range(N), "Bonn", "all training patients have the same centre"),
    ],
)
def test_batches_that_tell_nothing_are_refused(study, rows, centre, words):
    study.patients.loc[list(rows), "centre"] = centre
    with pytest.raises(InputError, match=words) as raised:
        study.harmonise()
    assert "Jena" not in str(raised.value)
    assert "radiomics.harmonise" in str(raised.value)


def test_numbers_are_names_of_centres_too(study):
    plain = study.harmonise()[1]
    study.patients["centre"] = study.patients["centre"].map({"Bonn": 10, "Ulm": 9, "Trier": 11})
    study.patients.loc[5, "centre"] = np.nan
    batches, table = study.harmonise()
    assert set(batches["batch"].dropna()) == {"9", "10", "11"}
    rest = [patient for patient in study.ids if patient != "P005"]
    pd.testing.assert_frame_equal(table.loc[rest], plain.loc[rest])


def scans(study, makers):
    table = pd.DataFrame({"patient_id": study.ids, "phase": "arterial", "manufacturer": makers})
    facts = {"slice_spacing_mm": 5.0, "pixel_spacing_mm": 0.7, "rows": 512, "columns": 512}
    return table.assign(**facts)


def test_manufacturers_come_from_the_headers_however_they_are_written(study):
    makers = study.patients["centre"].map({"Bonn": "SIEMENS", "Ulm": "GE", "Trier": "Canon"})
    study.patients = study.patients.drop(columns="centre")
    makers[0], makers[4] = "Siemens ", " siemens"
    study.acquisition = scans(study, makers).iloc[:-1]
    batches, _ = study.harmonise(by="manufacturer")
    assert set(batches["batch"].dropna()) == {"SIEMENS", "GE", "CANON"}
    assert batches.set_index("patient_id")["harmonised"].to_dict()["P089"] == 0


def test_a_column_of_the_sheet_comes_before_the_headers(study):
    study.acquisition = scans(study, "SIEMENS")
    study.patients = study.patients.rename(columns={"centre": "manufacturer"})
    batches, _ = study.harmonise(by="manufacturer")
    assert set(batches["batch"]) == {"Bonn", "Ulm", "Trier"}


def test_headers_without_a_manufacturer_are_named(study):
    study.acquisition = scans(study, None).drop(columns="manufacturer")
    with pytest.raises(InputError, match="manufacturer is not known, and so of 60 of 60"):
        study.harmonise(by="manufacturer")


def test_each_fold_harmonises_by_those_whom_it_is_fitted_on(study):
    """As if the others were not there."""
    study.harmonise()
    data = study.training()
    values, time, event = data.fitted(COX)
    path, validated = COX.fit(values, time, event, data.fold, data.raw)
    gains = []
    for number in np.unique(data.fold):
        kept = data.fold != number
        seen = fit_combat(data.raw.values[kept], data.raw.batch[kept]).apply(
            data.raw.values, data.raw.batch
        )
        part = cox_path(seen[kept], time[kept], event[kept])
        predictor = seen @ _interpolated(part, path.lambdas)
        gain = cox_deviance(time, event, predictor)
        gain -= cox_deviance(time[kept], event[kept], predictor[kept])
        gains.append(gain / event[~kept].sum())
    weights = [event[data.fold == number].sum() for number in np.unique(data.fold)]
    assert validated.mean == pytest.approx(np.average(gains, axis=0, weights=weights), rel=1e-12)
    # and another than without: whoever is left out would have had a say
    leaking = cross_validate(path, values, time, event, data.fold)
    assert np.abs(validated.mean - leaking.mean).max() > 1e-6


def test_a_resample_harmonises_by_those_drawn_and_in_its_folds_again(study):
    study.harmonise()
    data = study.training()
    rows, fold = draw_resample(data.event, 5, 3, 0)
    seen = []

    def lasso(features, time, event, fold, raw):
        seen.append((features, raw))
        return COX.fit_resample(features, time, event, fold, raw)

    values, *outcome = data.fitted(COX)
    fit = partial(coefficients_of, lasso, "lambda.min", values, outcome, raw=data.raw)
    chosen = fit(rows, fold)
    (features, raw), *_ = seen
    drawn = data.raw.values[rows], data.raw.batch[rows]
    assert features == pytest.approx(fit_combat(*drawn).apply(*drawn))
    assert raw.values.tobytes() == drawn[0].tobytes()
    assert raw.batch.tolist() == drawn[1].tolist()
    # its score of everybody is of features as it harmonised them
    scores = resampled_scores(
        chosen[None], data.features, drawn_by=data.event, folds=5, seed=3, raw=data.raw
    )
    everybody = fit_combat(*drawn).apply(data.raw.values, data.raw.batch)
    assert scores["radscore"].to_numpy() == pytest.approx(everybody @ chosen)


def test_the_folds_of_a_resample_harmonise_too(study):
    study.harmonise()
    data = study.training()
    rows, fold = draw_resample(data.event, 5, 3, 0)
    raw, outcome = data.raw.take(rows), (data.time_months[rows], data.event[rows])
    everybody = raw.seen_by(np.arange(len(rows)))
    path, found = COX.fit_resample(everybody, *outcome, fold, raw)
    again = cross_validate(path, everybody, *outcome, fold, whole=False, raw=raw)
    leaking = cross_validate(path, everybody, *outcome, fold, whole=False)
    assert found.mean.tobytes() == again.mean.tobytes()
    assert np.abs(found.mean - leaking.mean).max() > 1e-6


def test_what_is_written_comes_from_harmonised_features_and_honest_folds(study):
    _, table = study.harmonise()
    study.fit()
    data = study.training()
    assert data.features.to_numpy().tobytes() == table.loc[data.features.index].to_numpy().tobytes()
    raw = study.features.set_index("patient_id").loc[data.features.index, NAMES]
    assert data.raw.values.tobytes() == raw.to_numpy().tobytes()
    _, validated = COX.fit(*data.fitted(COX), data.fold, data.raw)
    written = read_table(study.path("cv.tsv"), "radscore_cv")
    assert written["cvm"].tolist() == validated.mean.tolist()


def test_the_stability_written_is_of_resamples_that_harmonise_themselves(study):
    study.harmonise()
    data = study.training()
    write_stability(
        data,
        COX,
        Bootstrap(resamples=2, seed=2, threads=1),
        choose="lambda.min",
        horizon_months=None,
        frequency=study.path("frequency.tsv"),
        resamples=study.path("resamples.tsv"),
    )
    values, *outcome = data.fitted(COX)
    draws = {"drawn_by": data.event, "folds": data.folds, "seed": 2}
    chosen = np.array(
        [
            coefficients_of(
                COX.fit_resample,
                "lambda.min",
                values,
                outcome,
                *draw_resample(data.event, data.folds, 2, number),
                raw=data.raw,
            )
            for number in range(2)
        ]
    )
    expected = resampled_scores(chosen, data.features, **draws, raw=data.raw)
    written = read_table(study.path("resamples.tsv"), "radscore_resamples")
    assert written["radscore"].tolist() == expected["radscore"].tolist()


def test_who_takes_no_part_is_no_part_of_what_a_fold_sees(study):
    study.harmonise()
    data = study.training()
    some = with_death_by(data, 12.0)
    assert some.n < data.n
    at = data.features.index.get_indexer(some.features.index)
    assert some.raw.values.tobytes() == data.raw.values[at].tobytes()
    assert some.raw.batch.tolist() == data.raw.batch[at].tolist()


def test_a_bundle_scores_raw_features_as_the_run_did(study):
    study.harmonise()
    model = study.fit()
    assert model["coefficients"]
    files = {name: study.path(f"{name}.tsv") for name in ("patients", "scores")}
    run = {**files, "model": study.path("model.json")}
    write_scores(**run, features=study.path("harmonised.parquet"))
    scores = (study.folder / "scores.tsv").read_bytes()
    stored = read_json(study.path("harmonisation.json"))
    told = told_harmonisation(stored, model["coefficients"])
    assert set(told["features"]) == set(model["coefficients"])
    write_json(model | {"harmonisation": told}, study.path("radscore.json"))
    apply_harmonisation(
        patients=study.path("patients.tsv"),
        features=study.path("features.parquet"),
        acquisition=None,
        radscore_model=study.path("radscore.json"),
        by=told["by"],
        unseen=told["unseen"],
        batches=study.path("batches.tsv"),
        harmonised=study.path("applied.parquet"),
    )
    write_scores(**files, model=study.path("radscore.json"), features=study.path("applied.parquet"))
    assert (study.folder / "scores.tsv").read_bytes() == scores


def test_what_is_stored_tells_no_patient_and_no_count(study):
    study.harmonise()
    stored = read_json(study.path("harmonisation.json"))
    assert set(stored) == {"by", "unseen", "batches", "features"}
    text = json.dumps(stored)
    assert not any(patient in text for patient in study.ids)
    numbers = [
        number
        for one in stored["features"].values()
        for number in [one["centre"], *one["location"], *one["scale"]]
    ]
    assert all(float(f"{number:.3g}") == number for number in numbers)


def test_rows_are_taken_as_often_as_they_stand_there():
    raw = Unharmonised(np.arange(6.0).reshape(3, 2), np.array(["a", "b", "c"], dtype=object))
    taken = raw.take(np.array([2, 0, 2]))
    assert taken.values.tolist() == [[4, 5], [0, 1], [4, 5]]
    assert taken.batch.tolist() == ["c", "a", "c"]


def test_new_patients_are_harmonised_as_the_training_patients_were(tmp_path):
    names = ["original_firstorder_Mean", "original_glcm_Id"]
    generator = np.random.default_rng(2)
    rows = pd.DataFrame(generator.normal(size=(20, 2)), columns=names)
    batch = ["A"] * 10 + ["B"] * 10
    rows[10:] += 5.0
    combat = fit_combat(rows.to_numpy(), batch)
    stored = {"coefficients": dict.fromkeys(names, 1.0)}
    stored |= {"harmonisation": {"by": "centre", "unseen": "leave", **described(combat, names)}}
    (tmp_path / "radscore.json").write_text(json.dumps(stored))
    new = pd.DataFrame({"patient_id": ["P1", "P2", "P3"], "centre": ["B", "C", None]})
    new = new.assign(cohort="external", time_months=np.nan, event=np.nan)
    new.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    values = rows.iloc[[10, 11, 12]].assign(patient_id=["P1", "P2", "P3"])
    values.to_parquet(tmp_path / "features.parquet")
    paths = {"batches": str(tmp_path / "b.tsv"), "harmonised": str(tmp_path / "h.parquet")}
    given = {
        "patients": str(tmp_path / "patients.tsv"),
        "features": str(tmp_path / "features.parquet"),
        "acquisition": None,
        "radscore_model": str(tmp_path / "radscore.json"),
        "by": "centre",
    }
    apply_harmonisation(**given, unseen="leave", **paths)
    found = read_table(paths["harmonised"]).set_index("patient_id")[names]
    expected = combat.apply(rows.to_numpy(), batch)[10]
    np.testing.assert_allclose(found.loc["P1"], expected, rtol=1e-12)
    np.testing.assert_array_equal(found.loc[["P2", "P3"]], rows.iloc[[11, 12]])
    told = read_table(paths["batches"], "batches").set_index("patient_id")
    assert told["harmonised"].tolist() == [1, 0, 0]
    assert told.loc["P3", "note"].startswith("no centre is known")
    with pytest.raises(
        InputError, match=r"patient P2: no training patient has the centre of 2 pat"
    ):
        apply_harmonisation(**given, unseen="refuse", **paths)
