"""What counts as production: by names, and by the account a session will be of. Pure."""

from __future__ import annotations

from rolebrowser.identity.model import Profile
from rolebrowser.settings import Config
from rolebrowser.target import Bookmark, Target


def guarded(
    config: Config,
    target: Target,
    profile: Profile | None,
    *,
    bookmark: Bookmark | None = None,
    account: str = "",
) -> bool:
    """Whether a target counts as production; what a bookmark says of itself goes before all.

    Looked at are the names of the profile, its role, the role on top, the database and the
    bookmark; and the accounts of the session and of the database.

    Args:
        profile: the target's, as the config has it; None when there is none of that name.
        account: the database's, where it is known.
    """
    if bookmark is not None and bookmark.guarded is not None:
        return bookmark.guarded
    names = [target.profile, _role(target.role), target.database]
    names += [bookmark.name] if bookmark is not None else []
    if profile is not None:
        names += [_role(profile.role_arn), profile.setting("sso_role_name")]
    accounts = {account, session_account(target.role, profile)}
    return config.guard.covers(*names) or bool(accounts & set(config.guard.accounts))


def session_account(role: str, profile: Profile | None) -> str:
    parts = role.split(":")
    if len(parts) > 5:
        return parts[4]
    return profile.account if profile is not None else ""


def _role(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
