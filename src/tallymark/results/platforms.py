"""Which platforms a shop sells on."""

from collections.abc import Mapping
from datetime import datetime

from tallymark.errors import BadQuestion
from tallymark.model import ALL_PLATFORMS
from tallymark.results.freshness import Publication


def platforms_of(publication: Publication | None) -> list[str]:
    """`all`, then those with published data by name."""
    through: Mapping[str, datetime] = publication.data_through if publication else {}
    return [ALL_PLATFORMS, *sorted(set(through) - {ALL_PLATFORMS})]


def require_platform(platform: str, known: list[str]) -> None:
    """Raises BadQuestion, naming those there are."""
    if platform not in known:
        raise BadQuestion(
            f"There is no platform {platform!r} here, only {', '.join(known)}.",
            details={"parameter": "platform", "allowed": known},
        )
