"""What `adapt` is made of, and the adapters of other libraries' networks.

Those of other libraries import them when they are used: each is an extra of its own.
"""
