"""What predictions are worth: discrimination, calibration, net benefit, optimism."""
