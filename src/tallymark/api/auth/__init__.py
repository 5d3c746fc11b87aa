"""Who asks: accounts, passwords, sessions, tokens and keys."""

from tallymark.api.auth.keys import SCOPES, Key, Program, Scope
from tallymark.api.auth.tokens import Token
from tallymark.api.auth.users import ROLES, Membership, Person, Role, User, create_user, find_user, issue_token

__all__ = [
    "ROLES",
    "SCOPES",
    "Key",
    "Membership",
    "Person",
    "Program",
    "Role",
    "Scope",
    "Token",
    "User",
    "create_user",
    "find_user",
    "issue_token",
]
