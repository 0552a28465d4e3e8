"""Functions of data: encoded, cut, split, standardised and scaled, against what they promise."""
