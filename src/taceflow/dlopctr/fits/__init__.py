"""Heads fitted and applied: DLOP-CTR, DLOP-Combin, the pre-experiment."""
