"""Every figure as it lies on paper: readable sizes, nothing cut off, no word on another.

The data are those of a small run and the awkward ones that real studies brought: one cohort and
three, long names, many levels, ratios from 1e-4 to 1e4, a deviance that explodes, few deaths.
"""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from taceflow.figures.auc_over_time import auc_over_time
from taceflow.figures.calibration import calibration
from taceflow.figures.decision_curve import decision_curve
from taceflow.figures.dlopctr_attention import dlopctr_attention
from taceflow.figures.dlopctr_history import dlopctr_history
from taceflow.figures.feature_heat_map import feature_heat_map
from taceflow.figures.feature_reproducibility import feature_reproducibility
from taceflow.figures.flow_chart import flow_chart
from taceflow.figures.forest import forest
from taceflow.figures.lasso_cv import lasso_cv
from taceflow.figures.lasso_path import lasso_path
from taceflow.figures.nomogram import nomogram
from taceflow.figures.pre_experiment import pre_experiment
from taceflow.figures.roc import roc
from taceflow.figures.selected_heat_map import selected_heat_map
from taceflow.figures.selection_frequency import selection_frequency
from taceflow.figures.style import TWO_COLUMNS_MM, save_figure, set_look
from taceflow.figures.survival_by_risk import survival_by_risk
from taceflow.figures.survival_by_score import survival_by_score, survival_by_substage
from taceflow.models import MODELS
from taceflow.study.figures import FIGURES
from taceflow.survival.models.nomogram import make_nomogram
from taceflow.wording.colours import NAMED
from taceflow.wording.lettering import FONTS

SMALLEST_PT = 6.0
"""What journals ask of the smallest letters in print."""

LONG = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis_of_the_peritumoral_ring_10mm"
LONG_LABEL = "Neutrophil-to-lymphocyte ratio before the first embolisation (per unit)"


def in_cohorts(table, names):
    """Give the patients of one study to so many cohorts, in turn."""
    shares = np.array_split(np.arange(table["patient_id"].nunique()), len(names))
    ids = list(table["patient_id"].unique())
    cohort = {ids[row]: name for name, rows in zip(names, shares, strict=True) for row in rows}
    return table.assign(cohort=table["patient_id"].map(cohort))


def by_cohort(table, names):
    """Repeat a table's training rows for each cohort."""
    rows = table[table["cohort"] == "training"]
    return pd.concat([rows.assign(cohort=name) for name in names], ignore_index=True)


def ordinary(run):
    """The tables of a small study."""
    draw = np.random.default_rng(5)
    n = len(run.patients)
    patients = run.patients.assign(
        albi_grade=draw.choice([1, 2, 3], n),
        child_pugh_score=draw.choice(np.arange(5, 13), n),
        hap_score=draw.choice(np.arange(5), n),
        six_and_twelve_score=draw.uniform(2, 16, n).round(1),
    )
    months = np.arange(6, 61)
    areas = pd.DataFrame(
        [
            (model, cohort, month, 0.6 + 0.05 * place + 0.001 * month)
            for place, model in enumerate(MODELS)
            for cohort in ("training", "validation")
            for month in months
        ],
        columns=["model", "cohort", "months", "auc"],
    )
    names = run.features.columns[1:]
    frequency = pd.DataFrame(
        {
            "feature": names,
            "resamples": 100,
            "selected": np.arange(len(names)) * 2,
            "sign_flips": np.arange(len(names)) // 4,
        }
    )
    grid = pd.DataFrame(
        [
            (rate, batch, dropout, 20, 1 + rate * 50 + dropout / 4, 0.1)
            for rate in (1e-4, 3e-4, 1e-3)
            for batch in (16, 32)
            for dropout in (0.25, 0.5)
        ],
        columns=["learning_rate", "batch_size", "dropout", "epochs", "loss", "standard_error"],
    )
    icc = run.icc.assign(
        icc_intra=1 - draw.gamma(1, 0.15, len(names)),
        icc_inter=1 - draw.gamma(1, 0.2, len(names)),
        icc_perturbation=np.nan,
        n_perturbation=0,
    )
    return SimpleNamespace(
        patients=patients,
        exclusions=run.exclusions,
        total=len(patients) + len(run.exclusions),
        features=run.features,
        path=run.path,
        cv=run.cv,
        radscore=run.radscore,
        scores=run.scores,
        predictions=run.predictions,
        roc=run.roc,
        performance=run.performance,
        calibration=run.calibration,
        decision=run.decision,
        areas=areas,
        table_s1=run.table_s1,
        history=run.history,
        network=run.network,
        frequency=frequency,
        grid=grid,
        icc=icc,
        attention=attention(draw),
        cox=cox_model(patients),
        labels={"albi_grade": "ALBI grade", "six_and_twelve_score": "Six-and-twelve"},
    )


def attention(draw, name="P{}"):
    """Maps of six patients."""
    table, maps = [], {}
    for place in range(6):
        patient = name.format(place)
        table.append(
            {
                "patient_id": patient,
                "cohort": "validation",
                "risk": 0.9 - place / 10,
                "risk_group": "high" if place < 3 else "low",
                "slice": 120 + place,
                "slice_risk": 0.95 - place / 10,
                "row_mm": 1.0,
                "column_mm": 1.0,
            }
        )
        maps[f"{patient}.image"] = draw.random((20, 20))
        maps[f"{patient}.map"] = draw.normal(size=(20, 20))
        maps[f"{patient}.mask"] = np.pad(np.ones((8, 8), np.uint8), 6)
    return pd.DataFrame(table), maps


def cox_model(patients, levels=("2", "3"), stage="albi_grade", score="six_and_twelve_score"):
    """A stored Cox model of a factor and a number."""
    names = [*(f"{stage}={level}" for level in levels), score]
    return {
        "terms": [
            {"column": stage, "reference": "1", "levels": list(levels)},
            {"column": score, "reference": None, "levels": []},
        ],
        "variables": names,
        "coefficients": dict(zip(names, np.linspace(0.4, 1.2, len(names)), strict=True)),
        "unbounded": [],
        "centre": dict.fromkeys(names, 0.5),
        "baseline": {
            "times_months": [6.0, 12.0, 30.0, 60.0],
            "log_cumulative_hazard": [-8.5, -7.4, -6.2, -5.5],
            "last_follow_up_months": 90.0,
        },
    }


def one_cohort(study):
    """Everybody in training."""
    only = ["training"]
    study.patients = study.patients.assign(cohort="training")
    study.predictions = study.predictions.assign(cohort="training")
    for name in ("roc", "performance", "calibration", "decision", "areas"):
        setattr(study, name, by_cohort(getattr(study, name), only))
    return study


def three_cohorts(study):
    """An external cohort beside the two."""
    names = ["training", "validation", "external"]
    study.patients = in_cohorts(study.patients, names)
    study.predictions = in_cohorts(study.predictions, names)
    for name in ("roc", "performance", "calibration", "decision", "areas"):
        setattr(study, name, by_cohort(getattr(study, name), names))
    model = study.decision[study.decision["model"] == "clinical"].query("horizon_months == 12")
    every = [
        model.assign(horizon_months=months, model=name, net_benefit=model["net_benefit"] + k / 50)
        for months in (12.0, 36.0, 60.0)
        for k, name in enumerate([*MODELS, "treat_all", "treat_none"])
    ]
    study.decision = pd.concat(every, ignore_index=True)
    return study


def long_names(study):
    """Names that no column holds."""
    renamed = {name: f"{LONG}_{i}" for i, name in enumerate(study.features.columns[1:])}
    study.features = study.features.rename(columns=renamed)
    study.path = study.path.assign(feature=study.path["feature"].map(renamed))
    coefficients = {renamed[n]: v for n, v in study.radscore["coefficients"].items()}
    study.radscore = study.radscore | {"coefficients": coefficients}
    study.frequency = study.frequency.assign(feature=study.frequency["feature"].map(renamed))
    study.table_s1 = study.table_s1.assign(label=LONG_LABEL)
    factor = study.table_s1["variable"] == "bclc_b_substage"
    study.table_s1.loc[factor, "variable"] = "histology"
    study.table_s1.loc[factor, "level"] = [
        "moderately_differentiated_adenocarcinoma_of_the_left_lower_lobe",
        "pulmonary_invasive_mucinous_carcinoma_with_lepidic_growth",
    ]
    reasons = [
        "mask: none of the ROI names of the RTSTRUCT (GTV-1, GTV-2) is the one of the table",
        "the spacing between slices differs: 1.25 mm and 2.5 mm, so that the volume has holes",
        "Thesegmentationhasanotherframeofreferencethanthescantowhichitbelongs",
    ]
    study.exclusions = study.exclusions.assign(reason=reasons)
    study.attention = attention(np.random.default_rng(1), "HCC-TACE-SEG-CENTRE-{:05d}-BASELINE")
    long_level = "pulmonary_invasive_mucinous_carcinoma_with_lepidic_growth"
    study.patients = study.patients.assign(histology="1")
    study.patients.loc[::2, "histology"] = long_level
    study.cox = cox_model(study.patients, (long_level,), "histology")
    study.labels = {"histology": LONG_LABEL, "six_and_twelve_score": LONG_LABEL}
    return study


def many_levels(study):
    """A factor of twelve levels, in table, forest and nomogram."""
    row = study.table_s1[study.table_s1["level"] == "2"]
    rows = [row.assign(level=f"centre_{place}", hr_uni=1 + place) for place in range(12)]
    study.table_s1 = pd.concat([study.table_s1, *rows], ignore_index=True)
    levels = tuple(f"centre_{place}" for place in range(12))
    study.patients = study.patients.assign(
        centre=[("1", *levels)[i % 13] for i in range(len(study.patients))]
    )
    study.cox = cox_model(study.patients, levels, "centre")
    return study


def wide_ratios(study):
    """Ratios from almost nothing to almost infinite, horizons and times of years."""
    table = study.table_s1.copy()
    ratios = [3.1e-4, 1.0, 13.2, 97.6, 2.4e4]
    for model in ("uni", "multi"):
        table[f"hr_{model}"] = ratios
        table[f"lower_{model}"] = [1e-5, 0.9, 5.02, 30.4, 1.02e3]
        table[f"upper_{model}"] = [0.02, 1.1, 35.9, 313.5, 6.4e5]
    study.table_s1 = table.assign(n=[12345, 12045] + [12001] * 3, events=1234, note=None)
    patients = study.patients.assign(time_months=study.patients["time_months"] * 4)
    # a registry: numbers at risk of five digits, beside each other and beside their groups
    many = [patients.assign(patient_id=patients["patient_id"] + f"-{k}") for k in range(400)]
    study.patients = in_cohorts(pd.concat(many), ["training", "validation", "external"])
    many = [
        study.predictions.assign(patient_id=study.predictions["patient_id"] + f"-{k}")
        for k in range(400)
    ]
    study.predictions = pd.concat(many)
    return study


def exploding(study):
    """A path whose unpenalised end runs away, with bars far beyond the axis."""
    last = study.cv.index[20:]
    study.cv = study.cv.copy()
    study.cv.loc[last, "cvm"] += 500
    study.cv.loc[last, "cvsd"] = 4000
    study.cv.loc[study.cv.index[15:20], "cvsd"] = 60
    low = study.path["lambda"] <= study.cv["lambda"].iloc[20]
    study.path = study.path.copy()
    study.path.loc[low, "coefficient"] *= 1e5
    # as many features as a panel of peritumoral rings has
    study.icc = pd.concat([study.icc] * 60, ignore_index=True)
    return study


def one_feature(study):
    """A Radscore of one feature, two deaths in validation, nothing reproducible but it."""
    name = next(iter(study.radscore["coefficients"]))
    coefficient = study.radscore["coefficients"][name]
    study.radscore = study.radscore | {"coefficients": {name: coefficient}, "events": 3}
    study.path = study.path[study.path["feature"] == name]
    study.frequency = study.frequency[study.frequency["feature"] == name].assign(selected=7)
    study.patients = study.patients.assign(event=[1, 1, 1] + [0] * (len(study.patients) - 3))
    study.features = study.features[["patient_id", name, study.features.columns[1]]]
    return study


def nothing_selected(study):
    """No feature in the Radscore, nothing drawn by resamples, nothing in the Cox model."""
    largest = study.cv["lambda"].max()
    note = "No feature was selected: the penalty of the lowest deviance keeps none."
    study.radscore = study.radscore | {"coefficients": {}, "lambda": largest, "note": note}
    study.frequency = study.frequency.assign(selected=0, sign_flips=0)
    study.cox = cox_model(study.patients) | {"terms": [], "variables": []}
    study.table_s1 = study.table_s1.iloc[:0]
    study.exclusions = study.exclusions.iloc[:0]
    study.total = len(study.patients)
    return study


def drawn_nomogram(study):
    drawn = make_nomogram(study.cox, study.patients, [12.0, 36.0, 60.0])
    return nomogram(drawn, study.labels, "dlop_cox", "n = 40, deaths 28")


DRAWN = {
    "figure_s1": lambda s: flow_chart(s.patients, s.exclusions, s.total),
    "figure_s3": lambda s: survival_by_substage(s.patients),
    "figure_s2a": lambda s: feature_heat_map(s.features, s.patients),
    "figure_s2b": lambda s: lasso_cv(s.cv, s.radscore),
    "figure_s2c": lambda s: lasso_path(
        s.path, s.cv, s.radscore, s.features.set_index("patient_id").std(ddof=0)
    ),
    "figure_s2d": lambda s: selected_heat_map(
        s.features, s.patients, s.scores, s.radscore["coefficients"]
    ),
    "selection_frequency": lambda s: selection_frequency(s.frequency, s.radscore),
    "feature_reproducibility": lambda s: feature_reproducibility(s.icc, 0.8),
    "pre_experiment": lambda s: pre_experiment(s.grid),
    "dlopctr_history": lambda s: dlopctr_history(s.history, s.network),
    "dlopctr_attention": lambda s: dlopctr_attention(*s.attention, {"horizon_months": 24.0}),
    "km": lambda s: survival_by_risk(s.patients, s.predictions, "dlop_combin"),
    "established_scores": lambda s: survival_by_score(s.patients),
    "roc": lambda s: roc(s.roc, s.performance, "dlop_combin"),
    "calibration": lambda s: calibration(s.calibration, "dlop_combin"),
    "auc_over_time": lambda s: auc_over_time(s.areas),
    "decision_curve": lambda s: decision_curve(s.decision),
    "forest": lambda s: forest(s.table_s1),
    "nomogram": drawn_nomogram,
}


BY_COHORT = (
    "figure_s1",
    "figure_s2a",
    "figure_s2d",
    "km",
    "roc",
    "calibration",
    "auc_over_time",
    "decision_curve",
)
SELECTED = ("figure_s2b", "figure_s2c", "figure_s2d", "selection_frequency")
STUDIES = {
    ordinary: tuple(DRAWN),
    one_cohort: BY_COHORT,
    three_cohorts: BY_COHORT,
    long_names: ("figure_s1", *SELECTED[1:], "dlopctr_attention", "forest", "nomogram"),
    many_levels: ("forest", "nomogram"),
    wide_ratios: ("forest", "km", "figure_s3"),
    exploding: ("figure_s2b", "figure_s2c", "feature_reproducibility"),
    one_feature: ("figure_s1", "figure_s2a", *SELECTED, "km"),
    nothing_selected: ("figure_s1", *SELECTED, "forest", "nomogram"),
}
"""The figures that each study's data change."""


def test_every_figure_is_looked_at():
    assert set(DRAWN) == set(FIGURES)


@pytest.mark.parametrize("change", STUDIES, ids=[one.__name__ for one in STUDIES])
def test_nothing_is_cut_off_small_or_on_another_word(finished, faults, change):
    study = ordinary(finished) if change is ordinary else change(ordinary(finished))
    found = {name: faults(DRAWN[name](study), SMALLEST_PT) for name in STUDIES[change]}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_letters_of_the_files_have_six_points_at_the_width_they_state(finished, sizes):
    study = ordinary(finished)
    small = {}
    for name, draw in DRAWN.items():
        figure = draw(study)
        assert figure.get_figwidth() * 25.4 <= TWO_COLUMNS_MM + 0.01
        small[name] = {t: size for t, size in sizes(figure).items() if size < SMALLEST_PT - 1e-6}
    assert {name: texts for name, texts in small.items() if texts} == {}


LOOK = {"font": "DejaVu Sans", "svg_text": "paths", "decimal_mark": "point"}
LOOK |= {"width_mm": {"column": 85, "page": 178}, "colours": "okabe_ito"}


@pytest.fixture
def look():
    """Draw otherwise in one test: the look is that of the process."""
    fonts = list(FONTS)
    yield lambda **changed: set_look(LOOK | changed)
    FONTS[:] = fonts
    set_look(LOOK)


def written(figure, path):
    """Return every text of the picture as it is drawn in the file."""
    save_figure(figure, [path], title="A figure")
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_every_number_of_every_figure_has_the_decimal_mark(finished, look, tmp_path):
    study, changed = ordinary(finished), set()
    for name, draw in DRAWN.items():
        figure = draw(study)
        look(decimal_mark="point")
        plain = written(figure, tmp_path / "a.svg")
        look(decimal_mark="comma")
        marked = written(figure, tmp_path / "b.svg")
        assert not [text for text in marked if re.search(r"(?<![\w.])\d+\.\d", text)], name
        assert len(marked) == len(plain)
        if marked != plain:
            changed.add(name)
        # the figure itself is as it was: written again, it has no mark twice
        assert written(figure, tmp_path / "c.svg") == marked
        look(decimal_mark="point")
        assert written(figure, tmp_path / "d.svg") == plain
    assert {"forest", "roc", "km", "calibration", "nomogram", "figure_s2b"} <= changed


def test_every_line_and_group_has_a_colour_that_was_asked_for(finished, look, tmp_path):
    study = ordinary(finished)
    default = {colour.lower() for colour in NAMED["okabe_ito"]} - {"#000000"}
    for name, draw in DRAWN.items():
        drawn = {}
        for asked in ("okabe_ito", [f"#{place:02x}{255 - 40 * place:02x}80" for place in range(6)]):
            look(colours=asked)
            path = tmp_path / "a.svg"
            save_figure(draw(study), [path], title="A figure")
            found = re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", path.read_text(encoding="utf-8"))
            drawn[str(asked)] = set(found) & (default | set(asked))
        before, after = drawn.values()
        # the outline of a tumour on an image is what its caption calls it
        assert (
            after & default <= {"#009e73"} if name == "dlopctr_attention" else not after & default
        )
        assert len(after - default) == len(before) or name == "dlopctr_attention"


def test_ticks_that_a_layout_chose_have_their_labels_on_paper(finished, look, tmp_path):
    look(font="DejaVu Sans Mono", width_mm={"column": 75, "page": 150})
    figure = lasso_cv(finished.cv, finished.radscore)
    axes = figure.axes[0]
    axes.set_ylim(7.1, 11.4)
    axes.tick_params(axis="y", labelsize=6.2)
    save_figure(figure, [tmp_path / "a.png"], title="A figure")
    assert "11.0" in [label.get_text() for label in axes.get_yticklabels()]
    assert axes.yaxis.label.get_window_extent().x0 > 0


@pytest.mark.parametrize("widths", [(85, 178), (75, 150)])
def test_who_is_not_shown_stands_beside_the_title_or_below_it(finished, look, faults, widths):
    look(width_mm=dict(zip(("column", "page"), widths, strict=True)))
    for study in (ordinary(finished), three_cohorts(ordinary(finished))):
        table = study.predictions
        table.loc[table["patient_id"].isin(study.patients["patient_id"][::5]), "risk_group"] = None
        figure = survival_by_risk(study.patients, table, "dlop_combin")
        figure.set_dpi(300)
        assert faults(figure, SMALLEST_PT) == []
        words = [text.get_text() for text in figure.findobj(Text)]
        told = [text for text in words if "without a group not shown" in text]
        assert len(told) == len(study.patients["cohort"].unique())


WIDTHS = [*(((75, 150), change) for change in STUDIES)]
WIDTHS += [((140, 210), change) for change in (ordinary, long_names)]
"""The narrowest journal's with every study's data, and the widest's."""


@pytest.mark.parametrize(
    ("widths", "change"), WIDTHS, ids=[f"{width[0]}-{one.__name__}" for width, one in WIDTHS]
)
def test_at_every_width_letters_keep_their_size_and_nothing_overlaps(
    finished, look, faults, widths, change
):
    column, page = widths
    look(width_mm={"column": column, "page": page})
    study = ordinary(finished) if change is ordinary else change(ordinary(finished))
    found = {}
    for name in STUDIES[change]:
        figure = DRAWN[name](study)
        width = figure.get_figwidth() * 25.4
        assert any(width == pytest.approx(one) for one in (column, page, 102)), name
        # at the density of the files: letters on a coarse grid are wider
        figure.set_dpi(300)
        found[name] = faults(figure, SMALLEST_PT)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
