"""Handwritten digits: MNIST in full from a folder, or the part of it that comes with the package.

The digits are from MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, made
available under the Creative Commons Attribution-ShareAlike 3.0 licence; so is the part here. It
holds the first 500 training and the first 100 test digits of each class, in the order of the
original files, 5,000 and 1,000 in all. `python -m reference_mlp.digits.make_subset FOLDER` makes
it again from the full set.

    >>> from reference_mlp.digits import SUBSET, load_digits
    >>> X, y = load_digits(SUBSET).test
    >>> X.shape, y[:5]
    ((1000, 784), array([7, 2, 1, 0, 4]))
"""

from reference_mlp.digits.download import download_mnist
from reference_mlp.digits.emnist import load_emnist
from reference_mlp.digits.idx import read_idx, write_idx
from reference_mlp.digits.load import ENVIRONMENT, SUBSET, Digits, load_digits
from reference_mlp.digits.openml import read_csv
from reference_mlp.digits.pickled import read_pickle

__all__ = [
    "ENVIRONMENT",
    "SUBSET",
    "Digits",
    "download_mnist",
    "load_digits",
    "load_emnist",
    "read_csv",
    "read_idx",
    "read_pickle",
    "write_idx",
]
