"""Aliasing and state.

Two names for one array, or an answer that depends on what was asked before.
"""
