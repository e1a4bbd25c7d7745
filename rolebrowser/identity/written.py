"""Where the keys of a profile stand that nothing renews: what to do when AWS says they are over."""

from __future__ import annotations

import os

from rolebrowser.identity import profile_files
from rolebrowser.identity.model import Kind
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE


def advice(profile_name: str) -> str:
    """What to do about expired keys with a session token, written into a file or the environment.

    Args:
        profile_name: whose session has expired; empty = the default profile's.

    Returns:
        A sentence; empty where the session came about in another way.
    """
    profiles = profile_files.load(os.environ)
    in_environment = bool(os.environ.get("AWS_ACCESS_KEY_ID"))
    usual = ENVIRONMENT_PROFILE if in_environment else profile_files.usual(os.environ)
    profile = profiles.get(profile_name or usual)
    holder = profiles.get(profile.chain[-1]) if profile is not None and profile.chain else None
    if holder is None:
        return ""
    if holder.kind is Kind.ENVIRONMENT:
        return "Export new keys: those in AWS_SESSION_TOKEN are over, and nothing renews them."
    place = profiles.place(holder.name, "aws_session_token")
    if holder.kind is not Kind.SESSION_KEYS or place is None:
        return ""
    return (
        f"Write new keys into the section of {holder.name} in {place.file} (line {place.line}): "
        "nothing renews those that stand there."
    )
