"""Which keys changed, and how far that has been published.

The log is written by triggers (migration 0003) and read here by snapshot difference. `Progress` is the publication
row of one tenant: the only state between a change and its appearance in the figures.
"""

from tallymark.changes.log import LOG, Changes, Progress, pending, pending_keys, progress, purge

__all__ = ["LOG", "Changes", "Progress", "pending", "pending_keys", "progress", "purge"]
