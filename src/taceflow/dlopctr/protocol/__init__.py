"""What is fixed before training: intervals, folds, the tuning split."""
