"""Who asks: accounts, passwords, tokens and sessions."""

from tallymark.api.auth.tokens import Token
from tallymark.api.auth.users import ROLES, Membership, Person, Role, User, create_user, find_user, issue_token

__all__ = ["ROLES", "Membership", "Person", "Role", "Token", "User", "create_user", "find_user", "issue_token"]
