"""What a run did, in sentences that follow its configuration."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from taceflow.radiomics.icc import MINIMUM_REPEATS
from taceflow.report.methods_of_network import network, stops_on_validation
from taceflow.survival.minimum_counts import FEWEST
from taceflow.survival.models.cut_off import MINIMUM_PROPORTION
from taceflow.survival.regression.imputation import IMPUTATIONS
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.names import NETWORK_NAMES
from taceflow.wording.printing import EN_DASH, typographic

Config = Mapping[str, Any]

STUDY = (
    "The analysis was made by taceflow [@taceflow], a Snakemake workflow [@snakemake] that follows "
    f"Sun Z. et al., J. Hepatocell. Carcinoma 2024;11:385{EN_DASH}397 [@sun]."
)

_TUMOURS = {
    "union": "Several regions or pieces of a tumour count as one",
    "largest": "Of several regions or pieces the largest counts",
    "each": "Several pieces are measured each for itself and averaged, weighted by volume; the "
    "network sees the box around all of them",
}
_TILT = {"refuse": "excludes the patient", "resample": "is sheared straight"}


def methods(
    config: Config, described: Mapping[str, Mapping[str, Any]], icc: pd.DataFrame
) -> list[str]:
    """Return the methods section of the report, a paragraph each.

    Where a work is cited there is ``[@work]`` (`taceflow.report.references`).

    Parameters
    ----------
    config : mapping
        The checked configuration.
    described : mapping of str to mapping
        ``radscore``, ``models``; with images ``network`` and ``backbone``.
    icc : DataFrame
        ``radiomics/icc.tsv``.
    """
    has_images = "network" in described
    found = [images(config) if has_images else _READY, split(config, has_images)]
    found.append(reproducibility(config, icc))
    if config["radiomics"]["harmonise"]["by"] is not None:
        found.append(harmonisation(config["radiomics"]["harmonise"]))
    found.append(radscore(config["radscore"]))
    if has_images:
        found.append(network(config["dlopctr"], described))
    survival = config["survival"]
    found += [table_s1(survival), _logistic(survival), cut_off(survival)]
    return [*found, _evaluation(survival), _cautions(has_images), STUDY]


_READY = (
    "Features come from a ready table: how images were read and features extracted is not known "
    "here."
)


def images(config: Config) -> str:
    """Return what was done to CT and masks."""
    imaging, patch = config["imaging"], config["patch"]
    low, high = (typographic(f"{value:g}") for value in patch["window_hu"])
    scale = config["radiomics"]["scale"]
    scaled = "the largest absolute HU of the whole volume"
    if scale != "volume":
        scaled = f"{scale:g} HU"
    return (
        f"Of each patient the {imaging['phase']} CT was used; a tilted gantry "
        f"{_TILT[imaging['gantry_tilt']]}. CT was resampled to {spacing(imaging)} mm (linear, "
        f"whole HU [@simpleitk]), masks {masks(imaging)}, on a grid centred on the old "
        f"one; a mask below {counted(imaging['minimum_roi_voxels'], 'voxel')} of it excludes the "
        "patient. "
        f"{_TUMOURS[imaging['tumors']]}. Radiomics (PyRadiomics [@pyradiomics]) sees HU; "
        "square, square root, "
        f"logarithm and exponential are scaled by {scaled}. The network sees a box around the "
        f"tumour with a margin of {patch['margin_mm']:g} mm, HU from {low} to {high} scaled to "
        "[0, 1]."
    )


def spacing(imaging: Config) -> str:
    """Return ``1 × 1 × 1``."""
    return " × ".join(f"{value:g}" for value in imaging["spacing_mm"])


def masks(imaging: Config) -> str:
    """Return how masks come to the grid."""
    if imaging["mask_interpolation"] == "linear":
        return "by linear interpolation cut at 0.5"
    return "by nearest neighbour"


def split(config: Config, has_images: bool) -> str:
    """Return how cohorts came about, and what saw training patients only."""
    drawn = config["split"]
    leaks = has_images and stops_on_validation(config["dlopctr"])
    has_lasso = config["radscore"]["family"] != "published"
    fitted = ["filter", *(["scaling"] if has_lasso or has_images else [])]
    fitted += ["penalty"] if has_lasso else []
    fitted += ["time intervals", "tuning"] if has_images else []
    return (
        "Patients belong to the cohort that the sheet names; where it names none, a hash of seed "
        f"{drawn['seed']} and id puts {100 * drawn['validation_fraction']:g}% into validation. "
        f"{', '.join(fitted).capitalize()} and cut-offs come from training patients "
        f"only{', but for the epoch at which training stops' if leaks else ''}; a stored cut-off "
        "is applied unchanged elsewhere."
    )


def reproducibility(config: Config, icc: pd.DataFrame) -> str:
    """Return which features were candidates."""
    section = config["radiomics"]
    limit, parts, most = f"{section['icc_threshold']:g}", [], 0
    for column, words in (("n_intra", "within reader 1"), ("n_inter", "between two readers")):
        most = max(most, int(icc[column].max()) if len(icc) else 0)
        if len(icc) and icc[column].max() >= MINIMUM_REPEATS:
            parts.append(f"{words} (ICC(2,1), {counted(icc[column].max(), 'training patient')})")
    drawn = section["perturbations"]
    if drawn["patients"]:
        parts.append(
            f"under {counted(drawn['count'], 'random perturbation')} of the mask (ICC(1,1), up to "
            f"{counted(drawn['patients'], 'training patient')}; beyond the study) [@perturbed]"
        )
    if not parts:
        repeated = "No reading was"
        if most:
            repeated = f"Readings of {counted(most, 'training patient')} alone were"
        return (
            f"{repeated} repeated: every feature that varies is a candidate, its reproducibility "
            "unchecked."
        )
    return (
        f"A feature is a candidate if its intraclass correlation exceeds {limit} "
        f"{' and '.join(parts)} [@icc]."
    )


def harmonisation(section: Config) -> str:
    """Return how features of several scanners or centres were brought together."""
    unseen = {
        "leave": "features of a patient whose batch no training patient has stay as they are",
        "refuse": "a patient whose batch no training patient has is refused",
    }
    return (
        "Features of the Radscore were harmonised by ComBat (parametric empirical Bayes, without "
        f"covariates; beyond the study) [@combat], batches by {section['by']}. Location and scale "
        "of each batch were learnt from the training patients, anew without each fold and in each "
        f"resample, and applied unchanged elsewhere; {unseen[section['unseen']]}."
    )


def radscore(section: Config) -> str:
    """Return how the Radscore came about."""
    if section["family"] == "published":
        return (
            "Radscore: the coefficients of the study's Table S2 as printed [@sun], whatever "
            "the filter says of its features; only the cut-off is of these patients."
        )
    outcome, works = "survival (Cox)", "lasso_cox, scikit_survival"
    if section["family"] == "binomial":
        works = "lasso_binomial"
        horizon = section["horizon_months"]
        outcome = "death, yes or no, whenever it came (binomial)"
        if horizon is not None:
            outcome = f"death by {horizon:g} months (binomial), without those censored before"
    return (
        f"Radscore: LASSO on {outcome}, {section['folds']}-fold cross-validation stratified by "
        f"the outcome, penalty {section['choose']} [@{works}]; "
        f"{counted(section['bootstraps'], 'bootstrap resample')} "
        f"{agreeing(section['bootstraps'], 'counts', 'count')} how often each feature is selected."
    )


def table_s1(survival: Config) -> str:
    """Return how Table S1 and the clinical models were made."""
    imputed = survival["missing"] == "impute"
    cases = "complete cases"
    if imputed:
        cases = f"{IMPUTATIONS} imputed tables, pooled after Rubin [@rubin]"
    test = "pooled Wald" if imputed else "likelihood-ratio"
    enter = (
        f"variables with a univariate p below {survival['p_enter']:g} (of a factor that of its "
        f"{test} test) enter the multivariable model"
    )
    if survival["select"] == "stepwise":
        enter = (
            "the multivariable model is chosen stepwise by AIC, in both directions from all "
            "variables that can be fitted and tested alone"
        )
    return (
        f"Table S1: Cox models [@cox] with Efron ties [@efron] on {cases}; {enter}. "
        "The clinical variables of the models are chosen in the same way, on complete cases."
    )


def gaps(survival: Config) -> str:
    """Return what is done about missing values."""
    text = "A model takes the patients who have all its variables"
    if survival["missing"] == "impute":
        text += f"; Table S1 alone imputes gaps ({IMPUTATIONS} tables, pooled after Rubin)"
    return text


def _logistic(survival: Config) -> str:
    return (
        f"Logistic regression of death by {horizons(survival)} months on complete cases: of the "
        f"variables with a univariate p below {survival['p_enter']:g}, stepwise by AIC."
    )


def cut_off(survival: Config) -> str:
    """Return how risk groups were parted."""
    if survival["cut_off"] == "log_rank":
        return (
            "Risk groups: by the maximally selected log-rank statistic of the training patients, "
            f"at least {MINIMUM_PROPORTION:.0%} of them on either side [@maximally_selected]."
        )
    return "Risk groups: by the median of the training patients."


def _evaluation(survival: Config) -> str:
    return (
        "Kaplan-Meier intervals are log-log [@kaplan_meier]; follow-up is told by the reverse "
        "Kaplan-Meier estimate [@follow_up]. Harrell's C [@harrell] with infinitesimal-jackknife "
        "intervals; "
        f"time-dependent AUC at {horizons(survival)} months [@uno] and integrated Brier score "
        f"[@graf] with {counted(survival['bootstraps'], 'bootstrap resample')}; areas under ROC "
        "curves are compared after DeLong [@delong], net benefit by decision curves "
        f"[@decision_curve]. Below {FEWEST} deaths, survivors or patients of a group an estimate "
        "has neither interval nor test."
    )


def _cautions(has_images: bool) -> str:
    text = (
        "No p value but those marked as adjusted (Holm [@holm]) is corrected for multiple "
        "testing. Figures of merit of the training cohort describe the fit"
    )
    if has_images:
        text += (
            f", except of {NETWORK_NAMES}, which predict training patients out of fold "
            "(cross-validated by patient); DLOP-Cox is fitted to the training patients, with their "
            "DLOP-CTR out of fold"
        )
    return f"{text}. Figures of small cohorts are uncertain, as their intervals say."


def horizons(survival: Config) -> str:
    """Return ``12, 36, 60``, in months."""
    return ", ".join(f"{months:g}" for months in survival["horizons_months"])
