"""Comparisons anyone can run: `make bench`. Figures are ratios taken in one run."""
