"""The radiomics score: a sparse weighted sum of reproducible features."""
