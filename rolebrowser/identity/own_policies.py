"""Read what a session may read of its own rights: its policies, its groups', its boundary.

Every permission that is missing is named, and what it hides is unknown. Service control policies
can't be read from a member account and are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import AwsError
from rolebrowser.identity import policy_principal
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_document import Policy, parse
from rolebrowser.identity.trust import Caller


def read(
    session: Session,
    arn: str,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Callable[[str], None] = lambda sentence: None,
) -> Caller:
    """A session's caller with all of its policies that may be read.

    Args:
        arn: as sts:GetCallerIdentity gives it.
        seconds: for one call.
        partial: called with a sentence for each permission that is missing.

    Raises:
        AwsError: AWS failed for another reason. TimedOut, Cancelled.
    """
    return _Reader(session, cancel, seconds, partial).caller(policy_principal.parse(arn))


class _Reader:
    def __init__(
        self,
        session: Session,
        cancel: Cancel | None,
        seconds: float,
        partial: Callable[[str], None],
    ) -> None:
        self.profile = session.profile
        self.client = session_client(session, "iam", patient=True)
        self.cancel = cancel
        self.seconds = seconds
        self.partial = partial
        self.unreadable: set[Source] = set()

    def caller(self, who: policy_principal.Principal) -> Caller:
        if who.kind == "user":
            name = who.text.rsplit("/", 1)[-1]
            item = self.ask("get_user", "User", Source.BOUNDARY, UserName=name)
            found = [*self.hanging("user", name), *self.of_groups(name)]
        elif who.kind in ("session", "role"):
            item = self.ask("get_role", "Role", Source.BOUNDARY, RoleName=who.role)
            if item:
                who = policy_principal.parse(who.text, item["Arn"])
            found = list(self.hanging("role", who.role))
        else:
            item, found = {}, []
            if who.kind != "root":
                self.unreadable.add(Source.IDENTITY)
        boundary = self.boundary(item)
        tags = {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in item.get("Tags") or ()}
        unreadable = frozenset(self.unreadable)
        return Caller(who, tuple(found), boundary, unreadable=unreadable, keys=tags)

    def boundary(self, item: Mapping[str, Any]) -> tuple[Policy, ...] | None:
        limit = item.get("PermissionsBoundary") or {}
        if not limit:
            return None
        document = self.managed(limit["PermissionsBoundaryArn"], Source.BOUNDARY)
        return () if document is None else (document,)

    def hanging(self, kind: str, name: str) -> Iterator[Policy]:
        """Inline and managed policies of a user, a group or a role."""
        key = {f"{kind.capitalize()}Name": name}
        for inline in self.pages(f"list_{kind}_policies", "PolicyNames", **key):
            item = self.ask(f"get_{kind}_policy", "", Source.IDENTITY, PolicyName=inline, **key)
            if item:
                yield parse(inline, item["PolicyDocument"])
        for attached in self.pages(f"list_attached_{kind}_policies", "AttachedPolicies", **key):
            document = self.managed(attached["PolicyArn"], Source.IDENTITY)
            if document is not None:
                yield document

    def of_groups(self, user: str) -> Iterator[Policy]:
        for group in self.pages("list_groups_for_user", "Groups", UserName=user):
            yield from self.hanging("group", group["GroupName"])

    def managed(self, arn: str, hides: Source) -> Policy | None:
        item = self.ask("get_policy", "Policy", hides, PolicyArn=arn)
        if not item:
            return None
        version = self.ask(
            "get_policy_version",
            "PolicyVersion",
            hides,
            PolicyArn=arn,
            VersionId=item["DefaultVersionId"],
        )
        return parse(item["PolicyName"], version["Document"]) if version else None

    def pages(self, call: str, key: str, **parameters: str) -> Iterator[Any]:
        more: dict[str, str] = {}
        while True:
            answer = self.ask(call, "", Source.IDENTITY, **parameters, **more)
            yield from answer.get(key, ())
            if not answer.get("IsTruncated"):
                return
            more = {"Marker": answer["Marker"]}

    def ask(self, call: str, key: str, hides: Source, **parameters: str) -> Mapping[str, Any]:
        """One call's answer, or a part of it; {} where it isn't allowed, and that is noted."""
        action = "iam:" + "".join(word.capitalize() for word in call.split("_"))
        what = f"Reading the session's own rights ({action})"

        def run() -> Mapping[str, Any]:
            with translated(what, profile=self.profile):
                return getattr(self.client, call)(**parameters)

        try:
            answer = bounded(run, cancel=self.cancel, limit=self.seconds, what=what)
        except AwsError as error:
            if error.code not in DENIED:
                raise
            self.unreadable.add(hides)
            self.partial(f"What this session may do is not fully known: {action} is not allowed.")
            return {}
        return answer[key] if key else answer
