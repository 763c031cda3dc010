"""The names of the models, in the order of tables and figures."""

MODELS = ("clinical", "radscore", "dlopctr", "dlop_cox", "dlop_combin")
"""The study's five models."""

ESTABLISHED = ("albi", "bclc_b", "child_pugh", "hap", "six_and_twelve")
"""Scores that a clinician would use instead, where the sheet allows."""
