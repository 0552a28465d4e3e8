"""`gradbugs`, and `python -m gradbugs`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `gradbugs` with `arguments`, those of the process where None; return its exit status.

    It is that of `buggy_variants.cli`, and 130 for an interrupt at any moment.
    """
    try:
        # Here, and not above: it takes a second, in which somebody may change their mind. Nor do
        # processes that are started by this one need it.
        from buggy_variants.cli import main as run

        return run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("gradbugs: interrupted\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
