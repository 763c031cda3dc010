"""Masks perturbed at random, in place of a second reader."""
