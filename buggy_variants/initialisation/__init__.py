"""Initialisation.

The gradients are right, and start from the wrong place.
"""
