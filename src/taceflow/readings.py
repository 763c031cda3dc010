"""The names of the readings: which one the models use, and which ones repeat it."""

MAIN_READING = "reader1-1"
"""Reader 1's first reading, which every model uses."""

OTHER_SERIES = "other"
"""Stands for the phase of a mask that the archive does not tie to the chosen series, or that names
another one itself."""

REPEATS = {"intra": "reader1-2", "inter": "reader2-1"}
"""The reading that each kind of repeat compares with `MAIN_READING`."""
