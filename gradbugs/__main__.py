"""`gradbugs`, and `python -m gradbugs`."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line; return its exit status, 130 for an interrupt at any moment."""
    try:
        # Here, and not above: it takes a second, in which somebody may change their mind. Nor do
        # processes that are started by this one need it.
        from buggy_variants.cli import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("gradbugs: interrupted\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
