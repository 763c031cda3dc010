"""The tables of the paper: patients, hazard ratios, odds ratios."""
