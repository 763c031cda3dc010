"""A fitted study in one file without patients: written, checked, opened."""
