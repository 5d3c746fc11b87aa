"""Where orders come from: a platform by name, or `all` of them together."""

import re

ALL_PLATFORMS = "all"
PLATFORM_NAMES = "lower case letters, digits, - and _"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def is_platform(name: str) -> bool:
    """Whether a platform may be called so; `all` is no platform."""
    return name != ALL_PLATFORMS and _NAME.fullmatch(name) is not None
