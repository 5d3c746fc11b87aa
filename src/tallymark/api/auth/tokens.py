"""Access tokens: JWTs signed with the installation's secret, by one algorithm, never the one a token names."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import jwt

from tallymark.errors import NotSignedIn

ALGORITHM, TYPE = "HS256", "at+jwt"
ISSUER = AUDIENCE = "tallymark"
LIFETIME, OPERATORS = timedelta(minutes=15), timedelta(hours=12)
"""A program renews its token with a refresh token; one made at the command line has none, and lasts longer."""
LEEWAY = timedelta(seconds=30)
LONGEST = 2048
REQUIRED = ["iss", "aud", "exp", "iat", "sub", "jti", "epoch"]


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires_at: datetime


class Claims(NamedTuple):
    """Whom a token stands for. `epoch` must still be the user's own: raising that one ends every session."""

    user_id: int
    epoch: int


def sign(secret: str, claims: Claims, now: datetime, lifetime: timedelta = LIFETIME) -> Token:
    expires_at = (now + lifetime).replace(microsecond=0)
    text = jwt.encode(
        {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": expires_at,
            "sub": str(claims.user_id),
            "jti": str(uuid.uuid4()),
            "epoch": claims.epoch,
        },
        secret,
        algorithm=ALGORITHM,
        headers={"typ": TYPE},
    )
    return Token(text, expires_at.astimezone(UTC))


def read(secret: str, text: str) -> Claims:
    """What a token says; raises NotSignedIn unless it is ours, whole and in time."""
    if len(text) > LONGEST:
        raise NotSignedIn
    try:
        token = jwt.decode_complete(
            text,
            secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
        if token["header"].get("typ") != TYPE:
            raise NotSignedIn
        return Claims(int(token["payload"]["sub"]), int(token["payload"]["epoch"]))
    except jwt.ExpiredSignatureError:
        raise NotSignedIn("Your session has ended; sign in again.") from None
    except (jwt.InvalidTokenError, TypeError, ValueError):
        raise NotSignedIn from None
