"""The Radscore as printed in Table S2 of the study."""

INTERCEPT = 0.1628708

COEFFICIENTS = {
    "gradient_glszm_ZoneEntropy": 0.062126883,
    "log-sigma-2-0-mm-3D_ngtdm_Contrast": -3.097256224,
    "log-sigma-4-0-mm-3D_glszm_SmallAreaEmphasis": -0.004368544,
    "square_firstorder_Variance": 0.000134998,
    "wavelet-HLL_ngtdm_Complexity": 0.000507638,
}
"""Coefficients under PyRadiomics' names, on the scale of the raw features."""
