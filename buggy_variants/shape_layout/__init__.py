"""Shape and layout.

The right numbers in the wrong places, which broadcasting or a square matrix lets through.
"""
