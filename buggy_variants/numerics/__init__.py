"""Numerics.

Right on paper, and in floating point as far as the numbers go: they overflow, underflow to
an exact zero, or round away what mattered.
"""
