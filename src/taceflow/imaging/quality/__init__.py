"""What a reader checks first: measured, flagged and drawn."""
