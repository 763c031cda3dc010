"""Survival statistics: Cox models, their performance, and the tables of the paper."""
