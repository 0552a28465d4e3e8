"""The self-consistent wrong function.

Loss and gradient agree with each other, and both are of another function: a gradient check is
blind by construction.
"""
