"""What a run can say of the items of TRIPOD+AI, CLEAR and METRICS."""
