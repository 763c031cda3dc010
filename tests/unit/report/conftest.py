"""A finished run on disk, with its figures, for the report; and one that applied a study."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
import yaml
from PIL import Image

from taceflow.figures.flow_chart import flow_chart
from taceflow.figures.style import save_figure
from taceflow.figures.survival_by_risk import survival_by_risk
from taceflow.models import NETWORKS
from taceflow.report.applied import AppliedFiles
from taceflow.report.beside_paper import COLUMNS
from taceflow.report.report import write_report
from taceflow.wording.names import model_name

_DEMO = yaml.safe_load(
    (Path(__file__).parents[3] / "config" / "config.yaml").read_text(encoding="utf-8")
)
_VARIABLES = [
    *({"column": f"made_{i}", "label": f"Made {i}"} for i in range(11)),
    {"column": "albi_score", "label": "ALBI score"},
    {"column": "treatment_response", "label": "Response", "baseline": False},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]
CONFIG = _DEMO | {
    "run": "made",
    "title": None,
    "tables": _DEMO["tables"] | {"patients": "/home/somebody/patients.tsv"},
    "citations": ["Somebody et al., A cohort, CC BY 4.0"],
    "survival": _DEMO["survival"] | {"variables": _VARIABLES},
}


BESIDE_PAPER = dict.fromkeys(COLUMNS) | {
    "part": "cohort",
    "item": "patients",
    "printed": 301.0,
    "run": 60.0,
    "n": 60,
    "events": 41,
}

OPTIMISM = pd.DataFrame(
    {
        "model": ["clinical", "clinical"],
        "metric": ["c_index", "brier_integrated"],
        "horizon_months": [None, 60.0],
        "apparent": [0.7, 0.18],
        "optimism": [0.05, -0.02],
        "corrected": [0.65, 0.2],
        "resamples": [200, 198],
        "note": "screening repeated",
    }
)

CHECKLIST = {
    "guideline": "CLEAR",
    "item": "22",
    "topic": "Resampling",
    "status": "run",
    "answer": "To 1 mm",
    "where": "resampled/",
    "author": None,
}

QUALITY = pd.DataFrame(
    {
        "patient_id": ["P002", "P001"],
        "flags": ["outside; disagreement", None],
        "findings": ["88% of the mask in air or off the body; Dice reader2-1 0.39", None],
        "weight": [5, 0],
        "volume_ml": [53.295, 20.0],
        "longest_axis_mm": [47.3, 31.0],
        "pieces": 1,
        "median_hu": [-874.0, 60.0],
        "lower_hu": [-920.0, 20.0],
        "upper_hu": [117.5, 90.0],
        "outside_percent": [87.9, 0.0],
        "lowest_dice": [0.392, None],
        "dice": ["reader2-1 0.3920", None],
        "drawn_on": [None, None],
    }
)


FEATURE = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis"
RANGES = pd.DataFrame(
    [
        ("clinical", "age_years", "Age (years)", 40, None, 45.5, 51.2, 58.0, 64.0, 71.5, None),
        ("clinical", "mvi", "MVI", 40, *[None] * 7),
        ("feature", FEATURE, FEATURE, 200, -2.5, -2.0, -1.0, 0.25, 12345.5, 1e6, 1e7),
        ("image", "manufacturer", "Manufacturer", 40, *[None] * 7),
        ("risk", "clinical", "Risk by Clinical", 9, *[None] * 7),
    ],
    columns=[
        *("kind", "name", "label", "n"),
        *("q025", "q10", "q25", "q50", "q75", "q90", "q975"),
    ],
).assign(
    levels=[None, '["0", "1"]', None, '["SIEMENS; a"]', None],
    shares=[None, "[0.8, 0.2]", None, "[0.9]", None],
    note=[None, None, None, "rare levels are not named", None],
)


@pytest.fixture
def report_inputs(finished, root, tmp_path):
    """Return the arguments of `write_report` but `output`."""
    tables = {}
    for name in ("icc", "performance", "comparisons", "pre_experiment", "predictions", "scores"):
        tables[name] = finished.tables[name]
    for name in ("table_1", "table_s1", "table_s2", "logistic", "delong"):
        tables[name] = finished.tables[name]
    tables |= {"patients": finished.patients, "exclusions": finished.exclusions}
    tables["quality"] = QUALITY
    tables["reviewed"] = pd.DataFrame(
        {"patient_id": ["P001"], "verdict": ["keep"], "changed": None}
    )
    tables["ranges"] = RANGES
    tables["optimism"] = OPTIMISM
    tables["beside_paper"] = pd.DataFrame([BESIDE_PAPER])
    tables["checklist"] = pd.DataFrame([CHECKLIST])
    paths = {name: str(tmp_path / f"{name}.tsv") for name in tables}
    for name, table in tables.items():
        table.to_csv(paths[name], sep="\t", index=False)
    described = finished.described | {
        "backbone": {"architecture": "resnet101", "source": "random", "sha256": "ab" * 32},
        "models": {
            "clinical": {
                "n": 40,
                "events": 28,
                "coefficients": {"albi_score": 0.9},
                "cut_off": 0.1,
                "note": "",
            }
        },
        "provenance": {
            "run": "made",
            "n": 60,
            "events": 41,
            "configuration_sha256": "c" * 64,
            "code_sha256": "d" * 64,
            "python": "3.11.2",
            "platform": "Linux x86_64",
            "taceflow": "0.1.0",
            "packages": {"numpy": "2.4.6"},
        },
    }
    descriptions = {name: str(tmp_path / f"{name}.json") for name in described}
    for name, content in described.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    figures = [str(tmp_path / "figure_s1.svg"), str(tmp_path / "km_dlop_cox.svg")]
    save_figure(flow_chart(finished.patients, finished.exclusions, 63), figures[:1], title="S1")
    drawn = survival_by_risk(finished.patients, finished.predictions, "dlop_cox")
    save_figure(drawn, figures[1:], title="Kaplan-Meier")
    pictures = []
    for patient in ("P001", "P002"):
        pictures.append(str(tmp_path / f"{patient}.png"))
        Image.new("RGB", (1200, 400), "grey").save(pictures[-1])
    (tmp_path / "contact_sheet").mkdir()
    for page in ("page_01.png", "page_02.png"):
        Image.new("RGB", (1736, 600), "grey").save(tmp_path / "contact_sheet" / page)
    return {
        "template": str(root / "workflow" / "report" / "report.html.j2"),
        "captions": [str(path) for path in sorted((root / "workflow" / "report").glob("*.rst"))],
        "figures": figures,
        "quality_pictures": pictures,
        "contact_sheet": str(tmp_path / "contact_sheet"),
        "tables": paths,
        "descriptions": descriptions,
        "config": CONFIG,
        "study": {
            "is_synthetic": True,
            "total": 63,
            "left_out": {"Figure S3": "the table of patients has no bclc_b_substage"},
            "ready_notes": [],
        },
    }


FAR = {
    "patient_id": "P2",
    "kind": "image",
    "name": "slice_thickness_mm",
    "label": "Slice thickness (mm)",
    "value": "10",
    "training": "1 to 5",
    "place": "above",
    "distance": 3.41,
}
VERDICT = {"verdict": "outside", "outside": None, "compared": 23, "beyond": 1, "furthest": None}
GROUPS = {
    "low": {"n": 52, "events": 20, "survival": {"12": [0.9, 0.82, 0.97], "36": [0.6, 0.5, 0.7]}},
    "high": {"n": 48, "events": 40, "survival": {"12": [0.6, 0.46, 0.7], "36": [0.2, 0.1, 0.3]}},
}


def write_applied(
    folder: Path,
    *,
    models=("clinical", "dlop_cox"),
    horizons=(12.0, 36.0),
    places=(FAR,),
    groups=GROUPS,
) -> AppliedFiles:
    """Write what a run leaves: P1 inside, P2 outside, P3 and P4 without a prediction.

    Networks have no interval; survival differs by model and horizon, risks lie around the cut-off.
    """
    made = folder / "opened"
    made.mkdir(parents=True, exist_ok=True)
    rows = []
    for place, model in enumerate(models):
        for patient, risk in (("P1", -0.4), ("P2", 0.9 - 0.3 * place)):
            row = {"patient_id": patient, "cohort": "external", "model": model, "risk": risk}
            row["risk_group"] = "high" if risk > 0.1 else "low"
            for step, month in enumerate(horizons):
                survival = math.exp(-0.3 * (step + 1) * math.exp(risk - 0.1 * place))
                ends = (0.8 * survival, survival**0.5)
                if model in NETWORKS:
                    ends = (None, None)
                column = f"survival_{month:g}_months"
                row |= {column: survival, f"{column}_lower": ends[0], f"{column}_upper": ends[1]}
            rows.append(row)
    far = {"outside": "slice thickness 10 mm (training 1 to 5)", "furthest": 3.41}
    new = {"outside": "manufacturer Neusoft (training GE, Siemens)", "missing": "albi_score"}
    verdicts = [
        VERDICT | {"patient_id": "P2"} | far,
        VERDICT | {"patient_id": "P3"} | new,
        VERDICT | {"patient_id": "P4", "verdict": "unknown", "compared": 0, "beyond": 0},
        VERDICT | {"patient_id": "P1", "verdict": "inside", "beyond": 0},
    ]
    quantiles = {"q025": None, "q10": -1.2, "q25": -0.5, "q50": 0.1, "q75": 0.6, "q90": 1.4}
    tables = {
        "predictions": pd.DataFrame(rows),
        "range": pd.DataFrame(list(places), columns=list(FAR)),
        "verdicts": pd.DataFrame(verdicts),
        "models": pd.DataFrame(
            {
                "model": models,
                "label": [model_name(model) for model in models],
                "patients": 2,
                "note": "no value of albi_score (1)",
            }
        ),
        "opened/ranges": pd.DataFrame(
            [
                {"kind": "risk", "name": model, "label": model, "n": 100} | quantiles
                for model in models
            ]
            + [{"kind": "clinical", "name": "albi_score", "label": "ALBI score", "n": 100}]
        ).assign(q975=None, levels=None, shares=None, note=None),
        "opened/performance": pd.DataFrame(
            [
                (model, cohort, "c_index", value, value - 0.1, value + 0.1, 60, 41)
                for model in models
                for cohort, value in (("training", 0.81), ("validation", 0.71))
            ],
            columns=["model", "cohort", "metric", "estimate", "lower", "upper", "n", "events"],
        ),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    known = {"kind": "cox", "variables": ["x"], "cut_off": 0.1}
    stored = {model: known | ({"groups": groups} if groups else {}) for model in models}
    manifest = {"name": "demo", "title": None, "taceflow": "0.1.0"}
    for name, content in (("models", stored), ("manifest", manifest)):
        (made / f"{name}.json").write_text(json.dumps(content))
    names = {"predictions": "predictions", "ranges": "range", "verdicts": "verdicts"}
    paths = {key: str(folder / f"{name}.tsv") for key, name in names.items()}
    return AppliedFiles(**paths, models=str(folder / "models.tsv"), opened=str(made))


@pytest.fixture
def applied(tmp_path):
    """Write a run that applied a study; see `write_applied`."""
    return lambda **changes: write_applied(tmp_path / "applied", **changes)


@pytest.fixture
def cells():
    """Return the cells of a printed table, a tuple a row."""
    return lambda table: [line.cells for line in table.lines]


@pytest.fixture
def printed(root):
    """The study's Table S1 as the project keeps it."""
    path = root / "workflow" / "resources" / "sun_2024_table_s1.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture
def one():
    """Return the only row with these values."""

    def find(rows, **wanted):
        found = [row for row in rows if all(row.get(key) == wanted[key] for key in wanted)]
        assert len(found) == 1, wanted
        return found[0]

    return find


@pytest.fixture
def page(report_inputs, tmp_path) -> str:
    """The text of a report."""
    output = tmp_path / "report.html"
    write_report(**report_inputs, output=str(output))
    return output.read_text(encoding="utf-8")
