"""Masks of every kind that readers hand over, on the grid of the CT."""
