"""Optimiser and update.

The gradients are right, and what is made of them is not.
"""
