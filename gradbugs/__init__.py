"""The doors: the command, and the pytest plugin.

Light, so that an interrupt is answered from the start, and that a run of pytest that isn't about
gradients loads nothing.
"""
