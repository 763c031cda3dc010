"""A fitted study in one file without its patients: written, checked, opened."""
