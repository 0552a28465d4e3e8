"""Loss and gradient.

The formula itself is wrong: a sign, a factor, a term, or the derivative of another function.
"""
