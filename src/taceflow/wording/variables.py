"""Names in print of the sheet's columns, with their units, where a table holds columns alone."""

VARIABLES = {
    "age_years": "Age (years)",
    "sex": "Gender",
    "portal_hypertension": "Portal hypertension",
    "diabetes": "Diabetes",
    "cirrhosis": "Cirrhosis",
    "hepatitis": "Hepatitis",
    "child_pugh_score": "Child-Pugh score",
    "afp_ng_ml": "AFP (ng/mL)",
    "ast_u_l": "AST (U/L)",
    "alt_u_l": "ALT (U/L)",
    "albumin_g_l": "ALB (g/L)",
    "bilirubin_umol_l": "TBIL (µmol/L)",
    "tumor_number": "Tumor number",
    "tumor_size_cm": "Tumor size (cm)",
    "tumor_location": "Tumor location",
    "mvi": "MVI",
    "albi_score": "ALBI score",
    "bclc_b_substage": "BCLC-B substage",
    "treatment_response": "Treatment response",
    "dlopctr": "DLOP-CTR",
}
"""The variables of the study's Table S1 in its order; a run's own columns stand as they are."""
