"""What a user calls before a run, `taceflow init` and `taceflow check`: no way to run it."""
