"""The names of the models, in the order of tables and figures."""

MODELS = ("clinical", "radscore", "dlopctr", "dlop_cox", "dlop_combin")
"""The study's five models."""
