"""Regression: Cox and logistic models, how variables enter them, and what they assume."""
