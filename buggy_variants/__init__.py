"""The catalog of bugs of hand-written backward passes: one file a bug."""

from buggy_variants.bug import Bug, Severity, Status
from buggy_variants.catalog import Entry, catalog, find

__all__ = ["Bug", "Entry", "Severity", "Status", "catalog", "find"]
