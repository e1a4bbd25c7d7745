"""Whether one role may be assumed, asked for by itself: a few calls, however many roles there are.

The session's own policies piece by piece, and iam:GetRole for the role's trust policy and tags: by
the session, where the role is of its account, else by whoever is at hand there. Who may not read
these may know more by the account's lists: `find` then gives None, and `assumable.find` is to be
asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import AwsError, RolebrowserError
from rolebrowser.frozen import dataclass
from rolebrowser.identity import assumable, credentials, roles
from rolebrowser.identity.assumable import Assumable, Outlook
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Role, Session
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.trust import Caller

READ = "iam:GetRole"
_GONE = "NoSuchEntity"


class _Gone(Exception):
    """There is no such role any more."""


def find(
    session: Session,
    profiles: Profiles,
    role: Role,
    *,
    trusts: Mapping[str, Role] | None = None,
    readers: Iterable[Callable[[], Session]] = (),
    cancel: Cancel | None = None,
    seconds: float = 15.0,
) -> Outlook | None:
    """An outlook on one role only, empty where there is no such role any more.

    Args:
        role: as it was heard of before; the profile that it names sends what it sends.
        trusts: roles of other accounts by ARN, as read there.
        readers: what gives sessions that may be of the role's account, where that is another.
        seconds: for one call.

    Returns:
        None where something could not be read that the account's lists may tell.

    Raises:
        AwsError: AWS failed for another reason. SessionExpired, TimedOut, Cancelled.
    """
    missing: list[str] = []
    caller = assumable.own_rights(
        session,
        profiles.get(session.profile),
        cancel=cancel,
        seconds=seconds,
        partial=missing.append,
    )
    if caller.unreadable:
        return None
    asking = _Asking(role, cancel, seconds)
    try:
        if role.account == caller.principal.account:
            read = asking.of(session)
            if read is None:
                return None
        else:
            read = (trusts or {}).get(role.arn) or asking.of_any(readers)
    except _Gone:
        return Outlook(caller, (), tuple(missing))
    return Outlook(caller, (of(caller, read, role, profiles),), tuple(missing))


def of(caller: Caller, read: Role | None, role: Role, profiles: Profiles) -> Assumable:
    """A role weighed with what its own profile sends, whichever other one names it too."""
    if read is not None and role.profile:
        read = replace(read, profile="")
    return assumable.heard_of(caller, assumable.merged(read, role), profiles)


def learn(
    outlook: Outlook,
    readers: Iterable[Callable[[], Session]],
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
) -> Outlook:
    """An outlook with the trust policies of other accounts' roles that sessions at hand may read.

    Args:
        readers: what gives sessions; of whichever accounts.

    Raises:
        Cancelled
    """
    own = outlook.caller.principal.account
    unread = [e.role for e in outlook.roles if not e.role.trust and e.role.account not in ("", own)]
    found: dict[str, Role] = {}
    for reader in readers:
        if len(found) == len(unread):
            break
        try:
            session = reader()
            who = session.identity or credentials.identify(session, cancel=cancel, seconds=seconds)
            mine = (each for each in unread if each.account == who.account)
            wanted = [each for each in mine if each.arn not in found]
            found |= _read(session, wanted, cancel, seconds)
        except RolebrowserError:
            (cancel or Cancel()).check()
    return assumable.learned(outlook, found) if found else outlook


def _read(
    session: Session, wanted: Iterable[Role], cancel: Cancel | None, seconds: float
) -> dict[str, Role]:
    """Those of an account's roles that are there; who may not read one is asked for no more."""
    found: dict[str, Role] = {}
    for role in wanted:
        try:
            read = _Asking(role, cancel, seconds).of(session)
        except _Gone:
            continue
        if read is None:
            break
        found[role.arn] = read
    return found


@dataclass(frozen=True, slots=True)
class _Asking:
    """iam:GetRole of one role."""

    role: Role
    cancel: Cancel | None
    seconds: float

    def of(self, session: Session) -> Role | None:
        """The role as a session of its account is told; None where that isn't allowed."""
        what = f"Reading the role {self.role.name} ({READ})"
        client = session_client(session, "iam", patient=True)

        def call() -> Role:
            with translated(what, profile=session.profile):
                item = client.get_role(RoleName=self.role.name)["Role"]
            return roles.listed(item, self.role.source or READ)

        try:
            read = bounded(call, cancel=self.cancel, limit=self.seconds, what=what)
        except AwsError as error:
            if error.code == _GONE:
                raise _Gone from None
            if error.code in DENIED:
                return None
            raise
        if read.arn != self.role.arn:  # of the same name, made anew under another path
            raise _Gone
        return read

    def of_any(self, readers: Iterable[Callable[[], Session]]) -> Role | None:
        """The role as the first that may is told; who can't be asked is passed over."""
        for reader in readers:
            try:
                session = reader()
                limits = {"cancel": self.cancel, "seconds": self.seconds}
                who = session.identity or credentials.identify(session, **limits)
                found = self.of(session) if who.account == self.role.account else None
            except RolebrowserError:
                (self.cancel or Cancel()).check()
                continue
            if found is not None:
                return found
        return None
