"""Feature names: PyRadiomics' own and the form that R's `make.names` gives them."""

import re

from taceflow.files.schemas import load_schema

_FEATURE = re.compile(next(iter(load_schema("features")["patternProperties"])))
"""``<image>_<class>_<feature>``, the first family of columns of a table of features."""


def r_name(feature: str) -> str:
    """Return the name that R gives a PyRadiomics feature.

    >>> r_name("log-sigma-2-0-mm-3D_ngtdm_Contrast")
    'log.sigma.2.0.mm.3D_ngtdm_Contrast'
    """
    return feature.replace("-", ".")


def pyradiomics_name(feature: str) -> str:
    """Return PyRadiomics' name of a feature written the R way.

    >>> pyradiomics_name("wavelet.HLL_ngtdm_Complexity")
    'wavelet-HLL_ngtdm_Complexity'
    """
    image, separator, rest = feature.partition("_")
    return image.replace(".", "-") + separator + rest


def feature_name(column: str) -> str | None:
    """Return PyRadiomics' name of a column in either form, None if the column is no feature.

    >>> feature_name("wavelet.HLL_ngtdm_Complexity")
    'wavelet-HLL_ngtdm_Complexity'
    >>> feature_name("diagnostics_Mask-original_VoxelNum") is None
    True
    """
    name = pyradiomics_name(column)
    return name if _FEATURE.fullmatch(name) else None
