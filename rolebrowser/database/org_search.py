"""Databases of a whole organization, asked of AWS's own engines, or account by account.

Resource Explorer and an AWS Config aggregator know every account at once, where they are switched
on and the session may ask them; what they know may be hours old. Without them each account is
asked by a session of its own, few at a time.
Sources: Resource Explorer API Reference, Search; AWS Config API Reference,
SelectAggregateResourceConfig.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.database import rds
from rolebrowser.database.model import Database
from rolebrowser.errors import AwsError, RolebrowserError
from rolebrowser.fanout import fan_out
from rolebrowser.frozen import dataclass
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session

WORKERS = 4
"""Accounts asked at once; each listing has threads of its own."""
EXPLORER, CONFIG, ASKED = "Resource Explorer", "AWS Config", "asked"
_KINDS = {"cluster": "cluster", "db": "instance", "db-proxy": "proxy"}
_TYPES = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
Partial = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A database somewhere in the organization.

    Attributes:
        profile: whose session listed it; empty for what an engine told.
        source: EXPLORER, CONFIG or ASKED.
    """

    id: str
    kind: str
    account: str
    region: str
    arn: str
    source: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A region of an account is done, or an account: what it gave, or why it gave nothing.

    Attributes:
        done, total: accounts.
        regions: asked so far, of all accounts.
        missing: sentences on regions, or parts of them, that could not be read.
    """

    profile: str
    done: int
    total: int
    hits: tuple[Hit, ...] = ()
    problem: str = ""
    missing: tuple[str, ...] = ()
    regions: int = 0


def by_engine(
    session: Session,
    text: str = "",
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Partial = lambda sentence: None,
) -> tuple[Hit, ...] | None:
    """What the organization's own engine knows: Resource Explorer's, else AWS Config's.

    Args:
        text: part of the ids; empty = all.
        seconds: for each call.
        partial: called with a sentence for each engine that can't be asked.

    Returns:
        Sorted by account, region and id; None when there is no engine to ask.

    Raises:
        AwsError: AWS failed for another reason. TimedOut, Cancelled.
    """
    for engine in (_explorer, _config):
        try:
            found = list(engine(_Asking(session, cancel, seconds), text))
        except AwsError as error:
            partial(f"{error.what} {error.why}".strip())
            continue
        if found:
            kept = {each.arn: each for each in found if text.lower() in each.id.lower()}
            return tuple(sorted(kept.values(), key=_order))
    return None


def _order(hit: Hit) -> tuple[str, str, str]:
    return hit.account, hit.region, hit.id


@dataclass(frozen=True, slots=True)
class _Asking:
    session: Session
    cancel: Cancel | None
    seconds: float

    def call(self, what: str, service: str, operation: str, **wanted: Any) -> Mapping[str, Any]:
        def work() -> Mapping[str, Any]:
            with translated(what, profile=self.session.profile):
                return getattr(session_client(self.session, service), operation)(**wanted)

        return bounded(work, cancel=self.cancel, limit=self.seconds, what=what)


def _explorer(asking: _Asking, text: str) -> Iterator[Hit]:
    more: dict[str, str] = {}
    while True:
        answer = asking.call(
            "Searching with Resource Explorer",
            "resource-explorer-2",
            "search",
            QueryString=f"service:rds {text}".strip(),
            **more,
        )
        for item in answer.get("Resources", ()):
            hit = _hit(item["Arn"], EXPLORER)
            if hit is not None:
                yield hit
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _config(asking: _Asking, text: str) -> Iterator[Hit]:
    listed = asking.call(
        "Listing the aggregators of AWS Config", "config", "describe_configuration_aggregators"
    )
    kinds = ", ".join(f"'{each}'" for each in _TYPES)
    for aggregator in listed.get("ConfigurationAggregators", ()):
        more: dict[str, str] = {}
        while True:
            answer = asking.call(
                "Asking the aggregator of AWS Config",
                "config",
                "select_aggregate_resource_config",
                Expression=f"SELECT arn WHERE resourceType IN ({kinds})",
                ConfigurationAggregatorName=aggregator["ConfigurationAggregatorName"],
                **more,
            )
            for row in answer.get("Results", ()):
                hit = _hit(str(json.loads(row).get("arn", "")), CONFIG)
                if hit is not None:
                    yield hit
            if not answer.get("NextToken"):
                break
            more = {"NextToken": answer["NextToken"]}


def _hit(arn: str, source: str, profile: str = "") -> Hit | None:
    """A database from its ARN; None for snapshots, parameter groups and all the rest."""
    fields = arn.split(":", 6)
    if len(fields) < 7 or fields[2] != "rds" or fields[5] not in _KINDS:
        return None
    return Hit(fields[6], _KINDS[fields[5]], fields[4], fields[3], arn, source, profile)


def by_asking(
    openers: Mapping[str, Callable[[], Session]],
    regions: Callable[[Session], tuple[str, ...]],
    *,
    text: str = "",
    cancel: Cancel | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> tuple[Hit, ...]:
    """What each account says of itself, asked with a session of its own.

    Args:
        openers: by profile: what gives its session, or raises why there is none.
        regions: where to look with a session.
        progress: called as each region and each account is done, from several threads but never by
            two at once.

    Returns:
        Each database once, whoever listed it; sorted by account, region and id.

    Raises:
        Cancelled
    """

    tally = _Tally(len(openers), progress, cancel or Cancel())

    def job(profile: str, opener: Callable[[], Session]) -> tuple[tuple[Hit, ...], tuple[str, ...]]:
        def hits(listed: Iterable[Database]) -> tuple[Hit, ...]:
            return tuple(
                Hit(each.id, each.kind.value, each.account, each.region, each.arn, ASKED, profile)
                for each in listed
                if text.lower() in each.id.lower()
            )

        session, missing = opener(), list[str]()
        listed = rds.list_databases(
            session,
            regions(session),
            cancel=cancel,
            progress=lambda region: tally.region(profile, hits(region.databases)),
            partial=missing.append,
        )
        return hits(listed), tuple(missing)

    jobs = {name: lambda name=name, give=give: job(name, give) for name, give in openers.items()}
    found: dict[tuple[str, str, str], Hit] = {}
    for profile, outcome in fan_out(jobs, workers=WORKERS, cancel=cancel):
        if isinstance(outcome, RolebrowserError):
            tally.account(profile, problem=outcome.what)
            continue
        if isinstance(outcome, Exception):
            raise outcome
        hits, missing = outcome
        for hit in hits:
            found.setdefault(_order(hit), hit)
        tally.account(profile, hits, missing=missing)
    return tuple(sorted(found.values(), key=_order))


class _Tally:
    """Counts what is done, and tells; what comes after the end is told to nobody."""

    def __init__(self, total: int, tell: Callable[[Progress], None], cancel: Cancel) -> None:
        self._lock = threading.Lock()
        self._total = total
        self._tell = tell
        self._cancel = cancel
        self._done = self._regions = 0

    def region(self, profile: str, hits: tuple[Hit, ...]) -> None:
        with self._lock:
            self._regions += 1
            self._say(profile, hits)

    def account(
        self,
        profile: str,
        hits: tuple[Hit, ...] = (),
        *,
        problem: str = "",
        missing: tuple[str, ...] = (),
    ) -> None:
        with self._lock:
            self._done += 1
            self._say(profile, hits, problem, missing)

    def _say(
        self,
        profile: str,
        hits: tuple[Hit, ...],
        problem: str = "",
        missing: tuple[str, ...] = (),
    ) -> None:
        if not self._cancel.is_set:
            done, regions = self._done, self._regions
            self._tell(Progress(profile, done, self._total, hits, problem, missing, regions))
