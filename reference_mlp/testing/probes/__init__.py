"""Probes: a fixed list of questions to an implementation, and its answers as plain data.

The answers of two implementations can be held against each other: somebody's against those of the
right reference, and against those of every known bug.
"""

# For their registration.
from reference_mlp.testing.probes import (  # noqa: F401
    data,
    functions,
    layers,
    networks,
    steps,
    training,
)
from reference_mlp.testing.probes.observation import (
    PROBES,
    Answer,
    Observation,
    Probe,
    observe,
)
from reference_mlp.testing.probes.seen import UNREADABLE

__all__ = ["PROBES", "UNREADABLE", "Answer", "Observation", "Probe", "observe"]
