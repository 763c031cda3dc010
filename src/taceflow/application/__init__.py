"""A fitted study applied to new patients: its settings, what each model needs, what it says."""
