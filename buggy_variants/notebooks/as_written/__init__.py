"""The five notebooks' networks as they were written, with all their defects together.

What the code does is its authors', the words are ours. Each file keeps what its story mends in the
fields of a `Code`; a comment with a number names the notebook's line.
"""
