"""Order facts and the rollups summed from them, kept equal to a full recount at the cost of what changed.

`advance` applies what the change log holds, `build` makes everything from nothing in bounded steps, `verify` builds
into temporary tables and compares. All three read the same definition of a contribution (contribution.sql).
"""

from tallymark.rollups.advance import Advance, View, advance, needs_build, view
from tallymark.rollups.apply import Applied
from tallymark.rollups.build import BuildStep, build
from tallymark.rollups.lineage import sources_of
from tallymark.rollups.verify import Difference, Verification, verify

__all__ = [
    "Advance",
    "Applied",
    "BuildStep",
    "Difference",
    "Verification",
    "View",
    "advance",
    "build",
    "needs_build",
    "sources_of",
    "verify",
    "view",
]
