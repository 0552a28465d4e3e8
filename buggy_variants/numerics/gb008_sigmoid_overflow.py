r"""Sigmoid that overflows and is right all the same.

`1 / (1 + np.exp(-z))` is the definition, and four of the five notebooks behind this catalog have
it. For $z < -709.8$ in float64, or $z < -88.7$ in float32, $e^{-z}$ overflows; one plus infinity
is infinity, one over infinity is 0, and the sigmoid there is less than any ordinary number of its
precision. The derivative comes out as 0, and rightly. There is no argument at which
this sigmoid is off by anything that could be seen.

What there is is a warning, `RuntimeWarning: overflow encountered in exp`, once a process, and a
long trail of questions about it. The usual answer is that it is only a warning, and so people
learn to switch warnings off. The next overflow, in a softmax, in a loss or in weights that
diverge, then turns everything into NaN without a word. And where warnings are errors, in a test
suite or under `np.errstate(over="raise")`, the harmless overflow ends the run.

That is why it counts as a bug: code that is clean of floating-point errors can be run with all of
them raised, and then the first one that matters is found on the line where it happens.

At -1,000 the value is right, and an error raised where errors are:

>>> z = np.array([-1000.0, 0.0])
>>> with np.errstate(over="ignore"):
...     SigmoidOverflow().forward(z)[0]
array([0. , 0.5])
>>> with np.errstate(over="raise"):
...     SigmoidOverflow().forward(z)
Traceback (most recent call last):
FloatingPointError: overflow encountered in exp
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Sigmoid
from reference_mlp._arrays import Array


class SigmoidOverflow(Sigmoid):
    def forward(self, z: Array) -> tuple[Array, Array]:
        s = 1 / (1 + np.exp(-z))  # BUG: exp overflows for z far below 0
        return s, z


bug = Bug(
    replaces={"sigmoid": SigmoidOverflow},
    severity=Severity.CRASH,
    flagged_by=("floating_point_warnings",),
    right=r"$s = \dfrac{1}{1 + e^{-z}}$ for $z \ge 0$, and $\dfrac{e^z}{1 + e^z}$ below",
    wrong=r"$s = \dfrac{1}{1 + e^{-z}}$ for all $z$",
    symptom=(
        "`RuntimeWarning: overflow encountered in exp`, and no wrong number anywhere. Where "
        "floating-point errors raise, a `FloatingPointError`."
    ),
    preconditions="A pre-activation below -709.8 in float64, or below -88.7 in float32.",
    why_missed=(
        "Every value and every derivative is right, at every argument. Only a check that listens "
        "to the floating-point flags can tell."
    ),
    fix="`scipy.special.expit(z)`, or the two forms of the formula on either side of 0.",
    origin=(
        "notebook 000, line 32",
        "notebook 001, lines 25 and 212",
        "notebook 002, line 73",
        "notebook 003, line 105",
        "karpathy/neuraltalk#2",
        "ahmedfgad/NumPyCNN#13",
    ),
    related=("GB001",),
)
