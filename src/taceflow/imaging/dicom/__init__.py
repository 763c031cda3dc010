"""CT series: found, grouped, chosen, checked and read."""
