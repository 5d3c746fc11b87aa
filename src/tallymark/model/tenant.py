"""Whose figures they are."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Tenant:
    """One shop: `timezone` (IANA name) decides its days, `currency` (ISO 4217) its money."""

    tenant_id: int
    slug: str
    name: str
    timezone: str
    currency: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
