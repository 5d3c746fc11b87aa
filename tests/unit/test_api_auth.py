"""Tokens, passwords, and how often somebody may guess."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from anyio import run
from fastapi.testclient import TestClient

from tallymark.api.auth import tokens
from tallymark.api.auth.attempts import Attempts, LoginGuard
from tallymark.api.auth.passwords import Verifier, hash_password, outdated
from tallymark.api.auth.tokens import Claims
from tallymark.errors import NotSignedIn, TooManyRequests

SECRET = "s" * 64
CLAIMS = Claims(7, 2)


def forged(changes: dict[str, Any], *, key: str = SECRET, algorithm: str = "HS256", typ: str = "at+jwt") -> str:
    good = jwt.decode(tokens.sign(SECRET, CLAIMS, datetime.now(UTC)).text, options={"verify_signature": False})
    payload = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode(payload, key, algorithm=algorithm, headers={"typ": typ})


def test_a_token_says_whom_it_stands_for_and_until_when() -> None:
    now = datetime.now(UTC)
    token = tokens.sign(SECRET, CLAIMS, now)
    assert tokens.read(SECRET, token.text) == CLAIMS
    assert timedelta(minutes=14) < token.expires_at - now <= timedelta(minutes=15)
    assert tokens.read(SECRET, forged({})) == CLAIMS


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda: forged({}, key="t" * 64), id="another key"),
        pytest.param(lambda: forged({}, algorithm="HS512"), id="another algorithm"),
        pytest.param(lambda: forged({}, key="", algorithm="none"), id="no signature"),
        pytest.param(lambda: forged({}, typ="JWT"), id="another type"),
        pytest.param(lambda: forged({"exp": 1}), id="expired"),
        pytest.param(lambda: forged({"aud": "someone"}), id="another audience"),
        pytest.param(lambda: forged({"iss": "someone"}), id="another issuer"),
        *(
            pytest.param(lambda name=name: forged({name: None}), id=f"without {name}")
            for name in ("exp", "iat", "iss", "aud", "sub", "jti", "epoch")
        ),
        pytest.param(lambda: forged({"sub": "nobody"}), id="a name for a number"),
        pytest.param(lambda: "a.b.c", id="not a token"),
        pytest.param(lambda: "x" * 5000, id="too long to be one"),
    ],
)
def test_any_other_token_is_refused(token: Any) -> None:
    with pytest.raises(NotSignedIn):
        tokens.read(SECRET, token())


def test_passwords_are_argon2id_and_only_the_right_one_matches() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not outdated(stored)
    assert run(Verifier().matches, stored, "correct horse")
    assert not run(Verifier().matches, stored, "Correct horse")
    assert not run(Verifier().matches, None, "correct horse")
    assert not run(Verifier().matches, "not a hash", "correct horse")


def test_a_stranger_takes_as_long_as_a_wrong_password() -> None:
    stored, verifier = hash_password("correct horse"), Verifier()
    run(verifier.matches, None, "x")

    def quickest(of: str | None) -> float:
        took = []
        for _ in range(5):
            began = time.process_time()
            run(verifier.matches, of, "wrong")
            took.append(time.process_time() - began)
        return min(took)

    assert 0.5 < quickest(None) / quickest(stored) < 2


def test_guessing_ends_after_so_many_failures_until_the_window_is_over() -> None:
    attempts = Attempts(3, window=60)
    for _ in range(3):
        attempts.begin("a", 100)
    with pytest.raises(TooManyRequests) as refused:
        attempts.begin("a", 110)
    assert refused.value.retry_after == 50
    attempts.begin("b", 110)
    attempts.begin("a", 160)


def test_signing_in_uncounts_the_account_and_one_attempt_of_the_address() -> None:
    guard = LoginGuard(per_account=2, per_address=3)
    guard.begin("a", "here", 0)
    guard.begin("a", "here", 0)
    guard.succeed("a", "here")
    guard.begin("a", "here", 0)
    guard.begin("b", "here", 0)
    with pytest.raises(TooManyRequests):
        guard.begin("c", "here", 0)


def test_what_is_remembered_of_strangers_is_bounded() -> None:
    attempts = Attempts(3, remembered=100)
    for number in range(1000):
        attempts.begin(f"user{number}", 0)
    assert len(attempts) == 100


def test_a_request_of_another_site_cannot_sign_anybody_in_or_out(client: TestClient) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    login = client.post("/api/auth/login", json={"email": "a@b.example", "password": "x"}, headers=elsewhere)
    assert (login.status_code, login.json()["code"]) == (403, "not_allowed")
    client.cookies.set("tallymark_session", "anything")
    assert client.post("/api/auth/logout", headers=elsewhere).status_code == 403
    ours = client.post("/api/auth/logout", headers={"Origin": "http://testserver"})
    assert ours.status_code == 503, "let through, to a database that is not there"
