"""Answers about radiomic features: how they were computed, filtered and selected."""

from pathlib import Path

from taceflow.report import methods
from taceflow.report.checklist.finished_run import Answer, Run, of_images
from taceflow.report.methods_of_network import standardisation
from taceflow.wording.counts import counted
from taceflow.wording.printing import percent

_PYRADIOMICS_BIN_WIDTH = 25
"""Its default."""

_of_images = of_images(Answer("Features come from a ready table", author="how they were computed"))


@_of_images
def discretisation(run: Run) -> Answer:
    """Grey levels."""
    setting = run.panel["setting"]
    if setting.get("binCount") is not None:
        return Answer(f"{setting['binCount']} bins between each tumour's extremes", _panel(run))
    width = setting.get("binWidth", _PYRADIOMICS_BIN_WIDTH)
    start = "each tumour's minimum"
    if run.panel.get("greyLevelsFrom") == "range":
        start = f"{min(setting['resegmentRange']):g} HU on the original image"
    text = f"Fixed bin width of {width:g} (HU on the original image), counted from {start}"
    return Answer(text, _panel(run))


@_of_images
def image_types(run: Run) -> Answer:
    """Original and filtered images."""
    kinds = []
    for name, options in run.panel["imageType"].items():
        words = ", ".join(
            f"{key} {' '.join(map(str, value)) if isinstance(value, list) else value}"
            for key, value in (options or {}).items()
        )
        kinds.append(f"{name} ({words})" if words else name)
    return Answer("; ".join(kinds), _panel(run))


@_of_images
def feature_classes(run: Run) -> Answer:
    """Classes of features."""
    where = ", ".join(run.panel.get("textureImages", [])) or "every image"
    return Answer(f"{', '.join(run.panel['featureClass'])}; textures on {where}", _panel(run))


@_of_images
def software(run: Run) -> Answer:
    """Extraction software and its version."""
    version = run.versions["pyradiomics-bhklab"]
    return Answer(
        f"PyRadiomics as pyradiomics-bhklab {version}; compared with IBSI's phantoms: "
        "docs/radiomics.md of the workflow",
        "provenance.json",
    )


@_of_images
def panel(run: Run) -> Answer:
    """The parameter file; what it does not name is at PyRadiomics' default."""
    return Answer("A PyRadiomics parameter file; the rest at its defaults", _panel(run))


def feature_counts(run: Run) -> Answer:
    """Features after each filter."""
    icc, model = run.tables["icc"], run.described["radscore"]
    selected = f"{len(model['coefficients'])} in the Radscore"
    if not len(icc):
        return Answer(selected, "radscore/model.json")
    kept = percent(int(icc["kept"].sum()), len(icc))
    came = "extracted" if run.has_images else "in the table"
    is_checked = "ICC" in methods.reproducibility(run.config, icc)
    kept += " reproducible" if is_checked else " that vary, their reproducibility unchecked"
    text = f"{len(icc)} {came}, {kept}, {counted(model['candidates'], 'candidate')}, "
    return Answer(text + selected, "radiomics/icc.tsv, radscore/model.json, tables/table_s2")


def feature_files(run: Run) -> Answer:
    """Tables of features that could be shared."""
    return Answer(
        "Values of every patient and reading, without identifiers of the archive",
        "radiomics/",
        "whether and where they are shared",
    )


def reproducibility(run: Run) -> Answer:
    """How features that depend on the outline were removed."""
    icc = run.tables["icc"]
    text = (
        f"{methods.reproducibility(run.config, icc)} Kept: {percent(icc['kept'].sum(), len(icc))}"
    )
    drawn = ", figures/feature_reproducibility" if run.has_images else ""
    return Answer(text, f"radiomics/icc.tsv{drawn}")


def scaling(run: Run) -> Answer:
    """Scaling of what enters the models."""
    text = "Clinical variables linear, in the units of the sheet, factors against a reference"
    if run.has_lasso:
        text += "; radiomic features standardised within each fit of the LASSO"
    if run.has_images:
        text += f"; the network's {standardisation(run.config['dlopctr'])}"
    return Answer(text, "survival/models.json")


def selection(run: Run) -> Answer:
    """How the features of the Radscore were chosen."""
    family, model = run.config["radscore"], run.described["radscore"]
    if not run.has_lasso:
        return Answer(
            "None: the Radscore's coefficients are those printed in Table S2 of the study",
            "radscore/model.json",
        )
    text = (
        f"{methods.radscore(family)} Selected: {len(model['coefficients'])} of "
        f"{model['candidates']}. {model['note']}"
    )
    return Answer(text.strip(), "radscore/path.tsv, radscore/cv.tsv, figures/figure_s2b")


def _panel(run: Run) -> str:
    # the name alone: the path is the user's
    return Path(run.config["radiomics"]["panel"]).name
