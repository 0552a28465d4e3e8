"""Dtype and precision.

The formula is right, and its numbers have too few digits.
"""
