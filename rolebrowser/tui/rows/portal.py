"""What an SSO login opens, as text: accounts, their roles, the profiles that name them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rolebrowser.identity.model import Kind
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.sso_accounts import Account, Accounts


def text(found: Accounts, profiles: Profiles) -> str:
    """Account by account; what failed says so in its place."""
    if not found.accounts:
        return "No account is assigned to this login."
    return "\n\n".join("\n".join(_account(each, profiles)) for each in found.accounts)


def _account(account: Account, profiles: Profiles) -> Iterator[str]:
    yield f"{account.name}  {account.id}  {account.email}"
    if account.problem:
        yield f"  ✗ {account.problem}"
    named = {
        each.setting("sso_role_name"): each.name
        for each in profiles
        if each.kind is Kind.SSO and each.setting("sso_account_id") == account.id
    }
    for role in account.roles:
        profile = f"  profile {named[role]}" if role in named else ""
        yield f"  ✓ {role}{profile}"
