"""The last stage of the convolutions, tuned."""
