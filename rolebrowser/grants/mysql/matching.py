r"""Which host and database patterns match, and which of several counts.

Pure. Sources: MariaDB's sql/sql_acl.cc (compare_hostname, get_magic_sort, acl_db_find, match_db);
MySQL's sql/auth/sql_auth_cache.cc (ACL_HOST_AND_IP::compare_hostname, get_sort, acl_get) and
strings/ wild_compare: `%` any number, `_` one, `\` takes the meaning from the next.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache


@lru_cache(maxsize=1 << 14)
def _expression(pattern: str, fold: bool) -> re.Pattern[bytes]:
    """Over bytes, as the server counts: an `_` is one byte of a longer letter."""
    pieces: list[bytes] = []
    octets = (pattern.lower() if fold else pattern).encode()
    place = 0
    while place < len(octets):
        octet = octets[place : place + 1]
        if octet == b"\\" and place + 1 < len(octets):
            place += 1
            pieces.append(re.escape(octets[place : place + 1]))
        elif octet == b"%":
            pieces.append(b".*")
        elif octet == b"_":
            pieces.append(b".")
        else:
            pieces.append(re.escape(octet))
        place += 1
    return re.compile(b"".join(pieces), re.S)


def like(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether a name fits a pattern; `fold`: without case."""
    octets = (text.lower() if fold else text).encode()
    return _expression(pattern, fold).fullmatch(octets) is not None


def has_wildcard(pattern: str) -> bool:
    """Whether MySQL files a database pattern under those with wildcards; escaped ones too."""
    return "%" in pattern or "_" in pattern


def host_matches(pattern: str, host: str) -> bool:
    """Whether an account's host lets a client from `host` (an address or a name) in."""
    if pattern in ("", "%"):
        return True
    if "/" in pattern:
        try:
            return ipaddress.ip_address(host) in ipaddress.ip_network(pattern, strict=False)
        except ValueError:
            return False
    return like(pattern, host, fold=True)


def some_host(pattern: str) -> str:
    """A host that fits the pattern, and no other pattern that there is by chance."""
    if "/" in pattern:
        return pattern.partition("/")[0]
    numbers = re.fullmatch(r"[\d.%_]+", pattern) and re.search(r"\d", pattern)
    if numbers:
        parts = pattern.rstrip("%").rstrip(".").replace("_", "7").replace("%", "77").split(".")
        return ".".join([*parts, *["77"] * (4 - len(parts))]) if pattern.endswith("%") else (
            ".".join(parts)
        )  # fmt: skip
    return re.sub(r"\\(.)", r"\1", pattern.replace("%", "zz").replace("_", "z")) or "zz"


def mysql_weight(pattern: str) -> int:
    """MySQL's get_sort of one pattern: the longer before its first wildcard, the more it counts."""
    place, at = 0, 0
    while at < len(pattern):
        if pattern[at] == "\\" and at + 1 < len(pattern):
            at += 1
        elif pattern[at] in "%_":
            return min(at + 1, 127)
        at += 1
        place = 128
    return place


def mariadb_weight(pattern: str, longest: int) -> int:
    """MariaDB's get_magic_sort of one pattern, turned so that the most specific is the greatest.

    Args:
        longest: 60 for a host, 64 for a database (max_hostname_length, max_dbname_length).
    """
    fixed, single, many, prefix = _counted(pattern.encode())
    single, many = min(single, 31), min(many, 31)
    length = longest - fixed - single if many else 0
    wide, narrow = longest + 1, min(longest + 1, 32)
    if length > single:
        return -((((length * 2 + 1) * wide + many) * narrow + single) * wide + prefix)
    return -(((single * 2 * wide + length) * narrow + many) * wide + prefix)


def _counted(octets: bytes) -> tuple[int, int, int, int]:
    """Letters, single wildcards, many-wildcards (in a row once), letters before the first."""
    fixed = single = many = prefix = at = 0
    while at < len(octets):
        octet = octets[at : at + 1]
        if octet in (b"%", b"_"):
            if not single and not many:
                prefix = fixed
            if octet == b"_":
                single += 1
            else:
                many += 1
                while octets[at + 1 : at + 2] == b"%":
                    at += 1
        else:
            at += octet == b"\\" and at + 1 < len(octets)
            fixed += 1
        at += 1
    return fixed, single, many, prefix
