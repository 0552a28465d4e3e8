"""Logits and loss against the formulas, computed again from the parameters."""
