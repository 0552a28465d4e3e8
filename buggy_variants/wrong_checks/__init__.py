"""Checks that are themselves wrong.

A gradient checker that passes a wrong gradient, or fails a right one.
"""
