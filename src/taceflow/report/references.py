"""What a run's text cites, numbered in the order in which it is met."""

import re
from collections.abc import Sequence

from taceflow.version import VERSION
from taceflow.wording.printing import EN_DASH

_MARK = re.compile(r" ?\[@([a-z_, ]+)\]")

_WORKS = {
    "taceflow": f"The taceflow developers. taceflow {VERSION}: a Snakemake workflow from liver CT "
    "to a survival study of transarterial chemoembolisation.",
    "sun": "Sun Z, et al. J Hepatocell Carcinoma 2024;11:385-397. doi:10.2147/JHC.S443660.",
    "snakemake": "Mölder F, et al. Sustainable data analysis with Snakemake. F1000Research "
    "2021;10:33.",
    "simpleitk": "Lowekamp BC, et al. The design of SimpleITK. Front Neuroinform 2013;7:45.",
    "pyradiomics": "van Griethuysen JJM, et al. Computational radiomics system to decode the "
    "radiographic phenotype. Cancer Res 2017;77:e104-e107.",
    "icc": "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. "
    "Psychol Bull 1979;86:420-428.",
    "perturbed": "Zwanenburg A, et al. Assessing robustness of radiomic features by image "
    "perturbation. Sci Rep 2019;9:614.",
    "combat": "Johnson WE, Li C, Rabinovic A. Adjusting batch effects in microarray expression "
    "data using empirical Bayes methods. Biostatistics 2007;8:118-127.",
    "lasso_cox": "Simon N, et al. Regularization paths for Cox's proportional hazards model via "
    "coordinate descent. J Stat Softw 2011;39(5):1-13.",
    "lasso_binomial": "Friedman J, Hastie T, Tibshirani R. Regularization paths for generalized "
    "linear models via coordinate descent. J Stat Softw 2010;33(1):1-22.",
    "scikit_survival": "Pölsterl S. scikit-survival: a library for time-to-event analysis built on "
    "top of scikit-learn. J Mach Learn Res 2020;21(212):1-6.",
    "resnet": "He K, et al. Deep residual learning for image recognition. Proc IEEE Conf Comput "
    "Vis Pattern Recognit 2016:770-778.",
    "imagenet": "Deng J, et al. ImageNet: a large-scale hierarchical image database. Proc IEEE "
    "Conf Comput Vis Pattern Recognit 2009:248-255.",
    "nnet_survival": "Gensheimer MF, Narasimhan B. A scalable discrete-time survival model for "
    "neural networks. PeerJ 2019;7:e6257.",
    "adam": "Kingma DP, Ba J. Adam: a method for stochastic optimization. Int Conf Learn Represent "
    "2015.",
    "cox": "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.",
    "efron": "Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat "
    "Assoc 1977;72:557-565.",
    "rubin": "Rubin DB. Multiple imputation for nonresponse in surveys. New York: Wiley; 1987.",
    "kaplan_meier": "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. "
    "J Am Stat Assoc 1958;53:457-481.",
    "follow_up": "Schemper M, Smith TL. A note on quantifying follow-up in studies of failure "
    "time. Control Clin Trials 1996;17:343-346.",
    "maximally_selected": "Lausen B, Schumacher M. Maximally selected rank statistics. Biometrics "
    "1992;48:73-85.",
    "harrell": "Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med "
    "1996;15:361-387.",
    "uno": "Uno H, et al. Evaluating prediction rules for t-year survivors with censored "
    "regression models. J Am Stat Assoc 2007;102:527-537.",
    "graf": "Graf E, et al. Assessment and comparison of prognostic classification schemes for "
    "survival data. Stat Med 1999;18:2529-2545.",
    "delong": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more "
    "correlated receiver operating characteristic curves. Biometrics 1988;44:837-845.",
    "decision_curve": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for "
    "evaluating prediction models. Med Decis Making 2006;26:565-574.",
    "holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat "
    "1979;6:65-70.",
}
"""By the name under which a text cites it, as ``[@name]`` or ``[@name, other]``."""


def cited(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Number the works that texts cite.

    Parameters
    ----------
    texts : sequence of str
        With ``[@name]`` where a work is cited.

    Returns
    -------
    texts : list of str
        With ``[1]`` there.
    references : list of str
        The works, in the order of their numbers.

    Raises
    ------
    KeyError
        If a text cites what is not known.
    """
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        names = [name.strip() for name in found[1].split(",")]
        places = sorted(numbers.setdefault(name, len(numbers) + 1) for name in names)
        return f" [{', '.join(map(str, places))}]"

    told = [_MARK.sub(numbered, text) for text in texts]
    return told, [re.sub(r"(?<=\d)-(?=e?\d)", EN_DASH, _WORKS[name]) for name in numbers]


def uncited(text: str) -> str:
    """Return a text without its citations."""
    return _MARK.sub("", text)
