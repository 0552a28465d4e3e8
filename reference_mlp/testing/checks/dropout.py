"""Dropout: its mask, its scale, and that evaluation does without."""
