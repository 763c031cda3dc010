"""The cohort: the sheet checked, the patients who are in, their scores."""
