"""What an SSO login opens, as text: accounts, their roles, the profiles that name them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rolebrowser.identity.model import Kind, Profile
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.sso_accounts import Account, Accounts


def text(found: Accounts, profiles: Profiles, login: str) -> str:
    """Account by account; what failed says so in its place.

    Args:
        login: the sso-session: only profiles of it are named.
    """
    if not found.accounts:
        return "No account is assigned to this login."
    mine = [
        each for each in profiles if each.kind is Kind.SSO and each.setting("sso_session") == login
    ]
    return "\n\n".join("\n".join(_account(each, mine)) for each in found.accounts)


def _account(account: Account, profiles: Iterable[Profile]) -> Iterator[str]:
    yield f"{account.name}  {account.id}  {account.email}"
    if account.problem:
        yield f"  ✗ {account.problem}"
    named = {
        each.setting("sso_role_name"): each.name
        for each in profiles
        if each.setting("sso_account_id") == account.id
    }
    for role in account.roles:
        profile = f"  profile {named[role]}" if role in named else ""
        yield f"  ✓ {role}{profile}"
