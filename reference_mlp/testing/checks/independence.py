"""What must matter, and what must not: every parameter, every target, and other networks."""
