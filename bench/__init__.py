"""Measurements: ratios, side by side in one run. Absolute numbers belong to the machine and are not
promised."""
