"""Condition blocks: operators, set operators, IfExists, Null. Pure.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context
keys". Operators and keys are ANDed, values ORed, values of negated operators NORed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from rolebrowser.frozen import dataclass
from rolebrowser.identity import policy_pattern as pattern
from rolebrowser.identity.policy_document import Condition
from rolebrowser.identity.policy_pattern import Values, Variables
from rolebrowser.identity.truth import Truth, truth

MULTIVALUED = frozenset(
    (
        *("aws:tagkeys", "aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths"),
        *("aws:sourceorgpaths", "aws:principalservicenameslist", "sts:transitivetagkeys"),
        *("dynamodb:attributes", "dynamodb:leadingkeys", "s3:requestobjecttagkeys"),
        *("kms:grantoperations", "kms:encryptioncontextkeys"),
    )
)
"""Keys that hold several values even when a request has one ("ArrayOf…" in the Service
Authorization Reference)."""


class Unreadable(Exception):
    """The policy's side of a comparison can't be understood."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a request's context keys.

    Attributes:
        values: by lower-case key.
        multivalued: lower-case keys whose values are a list.
        absent: lower-case keys that the request is known not to have; a prefix ends with "*".
            Any other key without a value is unknown. None = whatever has no value is absent.
    """

    values: Mapping[str, Values] = field(default_factory=dict)
    multivalued: frozenset[str] = frozenset()
    absent: frozenset[str] | None = None

    def is_unknown(self, key: str) -> bool:
        """Whether nobody can say what the key holds."""
        if self.absent is None or key in self.values or key in self.absent:
            return False
        return not any(name.endswith("*") and key.startswith(name[:-1]) for name in self.absent)

    @property
    def variables(self) -> Variables:
        """What a policy's variables stand for."""
        return Variables(self.values, self.multivalued | MULTIVALUED, self.is_unknown)


def context(values: Mapping[str, object], absent: frozenset[str] | None = None) -> Context:
    """A context from plain JSON: strings, numbers, booleans, and lists of them.

    Raises ValueError for anything else, and for a key that stands there twice.
    """
    texts: dict[str, Values] = {}
    several: set[str] = set()
    for key, value in values.items():
        name = key.lower()
        if name in texts:
            raise ValueError(f"The context has {key} twice: keys are the same in any case.")
        if isinstance(value, list | tuple):
            several.add(name)
            texts[name] = tuple(_text(key, each) for each in value)
        elif value is not None:
            texts[name] = (_text(key, value),)
    return Context(texts, frozenset(several), absent)


def _text(key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"The context key {key} must hold a string or a list of strings.")


# ── operators ────────────────────────────────────────────────────────────────────────────────
# Each gets a value of the policy, one of the request, and the variables; (policy, request).

Compare = Callable[[str, str, Variables | None], bool]


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def _number(text: str) -> Decimal | None:
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


_ISO = re.compile(
    r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


def _moment(text: str) -> datetime | None:
    """W3C's profile of ISO 8601, of any precision, or seconds since 1970; None for anything else.

    Source: IAM User Guide, "Condition operators", "Date condition operators". No zone is UTC.
    """
    number = _number(text)
    try:
        if number is not None and len(text.strip()) != 4:
            return datetime.fromtimestamp(float(number), UTC)
        if number is not None:
            return datetime(int(number), 1, 1, tzinfo=UTC)
        given = text.strip()
        if _ISO.fullmatch(given) is None:
            return None
        if len(given) == 7:
            given += "-01"
        moment = datetime.fromisoformat(given.replace("Z", "+00:00").replace("z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ordered(read: Callable[[str], object], holds: Callable[..., bool]) -> Compare:
    def compare(wanted: str, given: str, variables: Variables | None) -> bool:
        left = read(wanted)
        if left is None:
            raise Unreadable(wanted)
        right = read(given)
        return right is not None and holds(right, left)

    return compare


def _binary(wanted: str, given: str, variables: Variables | None) -> bool:
    """Both sides are base64, and compared byte by byte."""
    try:
        left = base64.b64decode(wanted, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(wanted) from None
    try:
        return left == base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False


def _bool(wanted: str, given: str, variables: Variables | None) -> bool:
    if wanted.lower() not in ("true", "false"):
        raise Unreadable(wanted)
    return wanted.lower() == given.lower()


_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?", re.ASCII)


def _ip(wanted: str, given: str, variables: Variables | None) -> bool:
    """CIDR (RFC 4632); netmasks and zones, which Python would take too, are not that."""
    if _NETWORK.fullmatch(wanted.strip()) is None:
        raise Unreadable(wanted)
    try:
        network = ipaddress.ip_network(wanted.strip(), strict=False)
    except ValueError:
        raise Unreadable(wanted) from None
    try:
        address = ipaddress.ip_address(given.strip())
    except ValueError:
        return False
    return address.version == network.version and address in network


def _arn(wanted: str, given: str, variables: Variables | None) -> bool:
    matches = pattern.arn_like(wanted, given, variables)
    if matches is None:
        raise Unreadable(wanted)
    return matches


_POSITIVE: Mapping[str, Compare] = {
    "stringequals": pattern.equal,
    "stringequalsignorecase": partial(pattern.equal, fold=True),
    "stringlike": pattern.glob,
    "binaryequals": _binary,
    "bool": _bool,
    "ipaddress": _ip,
    "arnequals": _arn,
    "arnlike": _arn,
    **{
        f"{kind}{name}": _ordered(read, holds)
        for kind, read in (("numeric", _number), ("date", _moment))
        for name, holds in (
            ("equals", lambda given, wanted: given == wanted),
            ("lessthan", lambda given, wanted: given < wanted),
            ("lessthanequals", lambda given, wanted: given <= wanted),
            ("greaterthan", lambda given, wanted: given > wanted),
            ("greaterthanequals", lambda given, wanted: given >= wanted),
        )
    },
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
_SETS = ("forallvalues:", "foranyvalue:")


def holds(condition: Condition, known: Context, *, variables: bool) -> tuple[Truth, str]:
    """Whether one condition holds, and why not in a sentence (empty when it does).

    Args:
        variables: the policy's version knows `${…}`.
    """
    operator, key = condition.operator.lower(), condition.key.lower()
    values = condition.values[0] if len(condition.values) == 1 else condition.values
    said = f"{condition.operator} {condition.key} {json.dumps(values, ensure_ascii=False)}"
    if operator == "null":
        return _null(condition, known, said)
    quantifier = next((each for each in _SETS if operator.startswith(each)), "")
    operator = operator.removeprefix(quantifier)
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    negated = operator in _NEGATED
    compare = _POSITIVE.get(_NEGATED.get(operator, operator))
    if compare is None:
        return Truth.UNKNOWN, f"{condition.operator} is no operator that is known here"
    if known.is_unknown(key):
        return Truth.UNKNOWN, f"{condition.key} of the request is not known here"
    given = known.values.get(key, ())
    if not given or (quantifier and given == ("",)):
        # To a set operator an empty string is no value at all (Multivalued context keys).
        return _missing(said, quantifier, negated=negated, if_exists=if_exists)
    if not quantifier and key in known.multivalued | MULTIVALUED:
        return Truth.NO, f"{condition.key} has several values: {said} needs ForAnyValue"
    test = _Test(compare, condition.values, known.variables if variables else None, negated)
    results = [test(value) for value in given]
    result = min(results) if quantifier == "forallvalues:" else max(results)
    if result is Truth.YES:
        return result, ""
    if result is Truth.UNKNOWN:
        return result, f"{said} can't be understood"
    return result, f"{said} does not hold for {', '.join(given)}"


def _null(condition: Condition, known: Context, said: str) -> tuple[Truth, str]:
    key = condition.key.lower()
    if known.is_unknown(key):
        return Truth.UNKNOWN, f"{condition.key} of the request is not known here"
    wanted = {value.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return Truth.UNKNOWN, f"{said} can't be understood"
    absent = not known.values.get(key)
    result = truth(str(absent).lower() in wanted)
    return result, "" if result else f"{said}: the key is {'absent' if absent else 'there'}"


def _missing(said: str, quantifier: str, *, negated: bool, if_exists: bool) -> tuple[Truth, str]:
    if quantifier == "foranyvalue:":
        passes = if_exists
    else:
        passes = if_exists or negated or quantifier == "forallvalues:"
    return truth(passes), "" if passes else f"{said}: the request has no such key"


@dataclass(frozen=True, slots=True)
class _Test:
    compare: Compare
    wanted: Values
    variables: Variables | None
    negated: bool

    def __call__(self, given: str) -> Truth:
        """Whether one value of the request passes all (negated) or any of the policy's values."""
        matches = Truth.NO
        for value in self.wanted:
            matches |= self._matches(value, given)
        return ~matches if self.negated else matches

    def _matches(self, wanted: str, given: str) -> Truth:
        try:
            return pattern.known(
                lambda variables: self.compare(wanted, given, variables), self.variables
            )
        except Unreadable:
            return Truth.UNKNOWN
