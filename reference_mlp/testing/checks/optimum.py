"""Convex problems trained to the optimum that SciPy finds."""
