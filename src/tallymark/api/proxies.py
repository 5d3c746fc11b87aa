"""Who is really asking, where a proxy asks for them: only a proxy that we were told to trust is believed."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import Scope

Network = IPv4Network | IPv6Network
FORWARDED = frozenset((b"x-forwarded-for", b"x-forwarded-proto"))


class Proxies:
    """The networks whose word on the client's address and scheme is taken."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._trusts = lru_cache(4096)(self._within)
        self._outermost = lru_cache(4096)(self._found)

    def seen_through(self, scope: Scope) -> Scope:
        """The request as the outermost trusted proxy saw it; what anybody else claims is left out."""
        for name, _ in scope["headers"]:
            if name in FORWARDED:
                return self._believed(scope)
        return scope

    def _believed(self, scope: Scope) -> Scope:
        said = {name: value for name, value in scope["headers"] if name in FORWARDED}
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusts(peer):
            kept = [header for header in scope["headers"] if header[0] not in FORWARDED]
            return {**scope, "headers": kept}
        scheme = said.get(b"x-forwarded-proto", scope["scheme"].encode()).decode("latin-1").strip().lower()
        address = self._outermost(said.get(b"x-forwarded-for", b"").decode("latin-1"), peer)
        return {**scope, "client": (address, 0), "scheme": scheme if scheme in {"http", "https"} else scope["scheme"]}

    def _found(self, forwarded: str, peer: str) -> str:
        """From the right: the first address that is no proxy of ours."""
        address = peer
        for claimed in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not _is_address(claimed):
                break
            address = claimed
            if not self._trusts(claimed):
                break
        return address

    def _within(self, address: str) -> bool:
        if not _is_address(address):
            return False
        found = ip_address(address)
        return any(found in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
