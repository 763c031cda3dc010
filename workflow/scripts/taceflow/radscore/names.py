"""Feature names: PyRadiomics' own and the form that R's `make.names` gives them."""


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
