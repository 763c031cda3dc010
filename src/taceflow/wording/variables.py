"""Names in print of the sheet's columns, with their units, where a table holds columns alone."""

from taceflow.scores import SCORES

VARIABLES = {
    "age_years": "Age (years)",
    "sex": "Gender",
    "portal_hypertension": "Portal hypertension",
    "diabetes": "Diabetes",
    "cirrhosis": "Cirrhosis",
    "hepatitis": "Hepatitis",
    "child_pugh_score": SCORES["child_pugh"].column_label,
    "afp_ng_ml": "AFP (ng/mL)",
    "ast_u_l": "AST (U/L)",
    "alt_u_l": "ALT (U/L)",
    "albumin_g_l": "ALB (g/L)",
    "bilirubin_umol_l": "TBIL (µmol/L)",
    "tumor_number": "Tumor number",
    "tumor_size_cm": "Tumor size (cm)",
    "tumor_location": "Tumor location",
    "mvi": "MVI",
    "albi_score": SCORES["albi"].column_label,
    "bclc_b_substage": SCORES["bclc_b"].column_label,
    "treatment_response": "Treatment response",
    "dlopctr": "DLOP-CTR",
}
"""The variables of the study's Table S1 in its order; a run's own columns stand as they are."""
