"""The figures: what each is called and shows, whose patients stand behind it, and what it needs.

The caption of each is ``workflow/report/<name>.rst``. No script that fits or draws may import this
list: it would run again for each figure that comes.
"""

from dataclasses import dataclass
from typing import Any, Literal

from taceflow.models import MODELS
from taceflow.scores import SCORES

CATEGORIES = {
    "run": "Cohort",
    "reproducibility": "Radscore",
    "radscore": "Radscore",
    "network": "DLOP-CTR",
    "discrimination": "Models",
    "calibration": "Models",
    "survival": "Models",
    "table_s1": "Tables",
}
"""The report's sections with figures, the last under a table, and Snakemake's names for them."""


@dataclass(frozen=True)
class Figure:
    """A figure, or a kind of figure that is drawn for each model.

    Attributes
    ----------
    name : str
        Of its files, before the model's name if there is one.
    title : str
        In the report.
    section : str
        Where the report has it: one of `CATEGORIES`.
    shows : str
        What a numbered figure shows, in a few words.
    patients : {'cohorts', 'training', 'sheet'}
        Who stands behind it: the cohorts, the training patients, or everybody in the sheet.
    of_each_model : bool
        Whether it is drawn for each model.
    needs : {'images', 'lasso'}, optional
        Images, or a Radscore that this run fitted.
    needs_scores : tuple of str
        Established scores, one of which the sheet must allow.
    """

    name: str
    title: str
    section: str
    shows: str = ""
    patients: Literal["cohorts", "training", "sheet"] = "cohorts"
    of_each_model: bool = False
    needs: Literal["images", "lasso"] | None = None
    needs_scores: tuple[str, ...] = ()

    @property
    def shown(self) -> dict[str, Any]:
        """How a rule hands the figure to the workflow's own report."""
        category = CATEGORIES[self.section]
        labels = {"figure": f"{self.title}: {self.shows}" if self.shows else self.title}
        if category == "Models":
            labels["model"] = "{model}" if self.of_each_model else "all"
        caption = f"../report/{self.name}.rst"
        return {"caption": caption, "category": category, "labels": labels}


_ENTRIES = (
    Figure("figure_s1", "Figure S1", "run", "flow of patients", patients="sheet"),
    Figure(
        "figure_s3", "Figure S3", "run", "survival by BCLC-B substage", needs_scores=("bclc_b",)
    ),
    Figure(
        "feature_reproducibility",
        "Reproducibility of features",
        "reproducibility",
        patients="training",
        needs="images",
    ),
    Figure("figure_s2a", "Figure S2 A", "reproducibility", "all features"),
    Figure(
        "figure_s2b",
        "Figure S2 B",
        "radscore",
        "cross-validation",
        patients="training",
        needs="lasso",
    ),
    Figure(
        "figure_s2c",
        "Figure S2 C",
        "radscore",
        "coefficient profiles",
        patients="training",
        needs="lasso",
    ),
    Figure("figure_s2d", "Figure S2 D", "radscore", "selected features"),
    Figure(
        "selection_frequency", "Selection frequency", "radscore", patients="training", needs="lasso"
    ),
    Figure("pre_experiment", "Pre-experiment", "network", patients="training", needs="images"),
    Figure(
        "dlopctr_history", "Training of DLOP-CTR", "network", patients="training", needs="images"
    ),
    Figure("dlopctr_attention", "What DLOP-CTR looks at", "network", needs="images"),
    Figure("auc_over_time", "AUC over time", "discrimination"),
    Figure("roc", "ROC", "discrimination", of_each_model=True),
    Figure("calibration", "Calibration", "calibration", of_each_model=True),
    Figure("km", "Survival by risk group", "survival", of_each_model=True),
    Figure(
        "established_scores",
        "Survival by established score",
        "survival",
        needs_scores=tuple(name for name in SCORES if name != "bclc_b"),
    ),
    Figure("decision_curve", "Decision curves", "survival"),
    Figure("forest", "Forest plot", "table_s1", patients="training"),
    Figure("nomogram", "Nomogram", "table_s1", patients="training"),
)

FIGURES = {figure.name: figure for figure in _ENTRIES}
"""By name, in the report's order; how to add one says CONTRIBUTING.md."""

FIGURE_FILES = {
    f"{figure.name}_{model}" if model else figure.name: (figure, model)
    for figure in _ENTRIES
    for model in (MODELS if figure.of_each_model else ("",))
}
"""Names of the files without suffix, each with its figure and its model, if it has one."""
