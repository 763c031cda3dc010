"""Radiomics: from volumes to reproducible features."""
