"""Accuracy and evaluation against sums over single samples."""
