"""Data, labels and evaluation.

Training is right, and what goes in or what is reported is not.
"""
