"""A server's refusal pasted where a question is asked: what to ask instead. Pure.

Its words name what was refused, but neither who ran what, nor which privilege was missing. Sources:
PostgreSQL's aclcheck_error (aclchk.c); MySQL's ER_TABLEACCESS_DENIED_ERROR.
"""

from __future__ import annotations

import re

from rolebrowser.errors import ConfigError
from rolebrowser.grants.privileges import Kind

_POSTGRES = re.compile(
    r"(?:.*?\b(?:ERROR|FATAL):\s*(?:\w{5}:\s*)?)?permission denied for (?P<kind>"
    rf"{'|'.join(sorted((each.value for each in Kind), key=len, reverse=True))}|[a-z-]+) "
    r'(?P<name>"(?:[^"]|"")+"|\S+)',
    re.S,
)
_MYSQL = re.compile(
    r"(?:.*?\bERROR\b.*?)?(?P<word>[A-Z][A-Z, ]+?) command denied to user (?P<who>\S+) "
    r"for (?:table|column|routine) (?:\S+ in table )?(?P<name>\S+)",
    re.S,
)
_WORDS = {
    "schema": "USAGE schema",
    "database": "CONNECT database",
    "function": "EXECUTE function",
    "procedure": "EXECUTE procedure",
    "sequence": "USAGE",
}
"""What to ask of kinds of objects; of the rest SELECT is what is missing most often."""


def refused_name(text: str) -> str:
    """The name, in its quotes, that a refusal of MySQL's or MariaDB's is about; "" for none."""
    found = _MYSQL.match(text.strip())
    return found["name"].strip("'") if found is not None else ""


def check(text: str) -> None:
    """Raises ConfigError where a refusal was pasted instead of a question."""
    found = _POSTGRES.match(text.strip())
    if found is not None:
        name = found["name"].rstrip(".,;:")
        example = f"{_WORDS.get(found['kind'], 'SELECT')} {name}"
        raise ConfigError(
            f"That is a refusal of the server's about {found['kind']} {name}, not a question.",
            why="It doesn't tell which role ran which statement.",
            fix=f"Ask with both: 'ROLE STATEMENT', or with a privilege: 'ROLE {example}'.",
        )
    found = _MYSQL.match(text.strip())
    if found is not None:
        who, name = found["who"].replace("'", ""), found["name"].replace("`", "").rstrip(".,;:'")
        raise ConfigError(
            f"That is a refusal of the server's about {name}, not a question.",
            fix=f"Ask with the account and the privilege: 'ACCOUNT {found['word']} {name}' "
            f"(the account that {who} logged in to), or 'ACCOUNT STATEMENT'.",
        )
