"""What a MySQL or MariaDB server says of accounts and grants: frozen, as read, nothing concluded.

Pure. Sources: MySQL's manual, "Grant Tables" (grant-tables) and "Using Roles" (roles); MariaDB's
Knowledge Base, "mysql.global_priv Table", "Roles", "GRANT". Rules are applied by the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

PUBLIC = "PUBLIC"
"""MariaDB's name for everybody, 10.11 and later; a role as far as its tables are concerned."""

_PLAIN = re.compile(r"[A-Za-z0-9_$]*[A-Za-z_$][A-Za-z0-9_$]*")
_PLAIN_HOST = re.compile(r"[A-Za-z0-9_.%:/-]+")
_QUOTED = re.compile(r"""'((?:[^']|'')*)'|`((?:[^`]|``)*)`|"((?:[^"]|"")*)\"""")


class Level(StrEnum):
    """What can be granted on, in SQL's words."""

    SERVER = "server"
    DATABASE = "database"
    TABLE = "table"
    COLUMN = "column"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    PACKAGE = "package"
    PACKAGE_BODY = "package body"
    ACCOUNT = "account"


class Who(NamedTuple):
    """An account or a role.

    Attributes:
        host: a pattern; "" for MariaDB's roles.
    """

    user: str
    host: str

    @property
    def name(self) -> str:
        """As it is: `za@%`; a MariaDB role has no host."""
        return f"{self.user}@{self.host}" if self.host else self.user

    @property
    def label(self) -> str:
        """The same for people to read, in backticks where it could be taken for another."""
        user = self.user if _PLAIN.fullmatch(self.user) else quoted(self.user)
        if not self.host:
            return user
        host = self.host if _PLAIN_HOST.fullmatch(self.host) else quoted(self.host)
        return f"{user}@{host}"

    @property
    def sql(self) -> str:
        """As GRANT takes it."""
        if not self.host:
            return self.user if self.user == PUBLIC else quoted(self.user)
        return f"{quoted(self.user)}@{quoted(self.host)}"


class Account(NamedTuple):
    """An account, or a role, and what it has on `*.*`.

    Attributes:
        privileges: words; without GRANT OPTION.
        grantable: those of them that it may grant to others.
        restrictions: (database, words): partial revokes, what of `privileges` isn't so there.
        role: it can't log in; others are given it.
        locked: ACCOUNT LOCK.
        plugin: how it logs in; "AWSAuthenticationPlugin" with a token only.
        default_roles: active after login.
    """

    who: Who
    privileges: frozenset[str] = frozenset()
    grantable: frozenset[str] = frozenset()
    restrictions: tuple[tuple[str, frozenset[str]], ...] = ()
    role: bool = False
    locked: bool = False
    plugin: str = ""
    default_roles: tuple[Who, ...] = ()


class Entry(NamedTuple):
    """One line of a grant: below `*.*`.

    Attributes:
        database: a pattern for Level.DATABASE, a name otherwise; "" for an account.
        name: the table or routine; the label of an account that may be acted as (PROXY); "" for a
            database.
        privileges: words; may be none, where a table's line only stands for its columns'.
        grantable: WITH GRANT OPTION.
    """

    who: Who
    level: Level
    database: str
    name: str = ""
    column: str = ""
    privileges: frozenset[str] = frozenset()
    grantable: bool = False


class Membership(NamedTuple):
    """`member` was granted `role`."""

    member: Who
    role: Who
    admin: bool = False


class Securable(NamedTuple):
    """Something to be asked about; an account by its label, as its `name`.

    Attributes:
        view, definer, invoker: of a view: that it is one, whose rights it reads with, and whether
            these are of who asks (SQL SECURITY INVOKER).
    """

    level: Level
    database: str = ""
    name: str = ""
    column: str = ""
    view: bool = False
    definer: str = ""
    invoker: bool = False

    @property
    def title(self) -> str:
        """`*.*`, `s.*`, `s.t`, `s.t.c`, `function s.f`; in backticks where needed."""
        database = shown(self.database)
        if self.level is Level.ACCOUNT:
            return f"account {self.name}"
        if self.level is Level.SERVER:
            return "*.*"
        if self.level is Level.DATABASE:
            return f"{database}.*"
        name = f"{database}.{shown(self.name)}"
        if self.level is Level.COLUMN:
            return f"{name}.{shown(self.column)}"
        return name if self.level is Level.TABLE else f"{self.level} {name}"


SERVER = Securable(Level.SERVER)
ANY_ACCOUNT = "of any name"
"""The `name` of what PROXY on ''@'%' is granted on."""


@dataclass(frozen=True)
class Facts:
    """Everything read in one go.

    Attributes:
        mariadb: which of the two sets of rules.
        version: 101119, 80036.
        user: the account that read it.
        active: the roles that were active then.
        mandatory: roles everybody has (MySQL's mandatory_roles).
        activate_all: all roles are active after login (MySQL's activate_all_roles_on_login).
        activate_mandatory: mandatory ones are (MySQL's activate_mandatory_roles, 9.5 and later).
        partial_revokes: MySQL's variable; `%` and `_` in a database's name are then letters.
        fold_case: names of databases and tables are compared without case.
        securables: databases, tables, views, routines.
        texts: of views and routines, by (level, database, name), those that may be seen.
        complete: everybody's grants are known; otherwise the reader's own and its roles'.
        notes: sentences about what could not be read.
        unseen: roles of the reader's whose grants are not shown to it.
        sees_all: every database, table and routine is shown to it, not only what it may use.
    """

    mariadb: bool
    version: int
    user: Who
    accounts: tuple[Account, ...]
    entries: tuple[Entry, ...] = ()
    memberships: tuple[Membership, ...] = ()
    mandatory: tuple[Who, ...] = ()
    activate_all: bool = False
    activate_mandatory: bool = False
    partial_revokes: bool = False
    fold_case: bool = False
    securables: tuple[Securable, ...] = ()
    texts: dict[tuple[Level, str, str], str] = field(default_factory=dict)
    complete: bool = True
    notes: tuple[str, ...] = ()
    unseen: tuple[Who, ...] = ()
    active: tuple[Who, ...] = ()
    sees_all: bool = True

    @cached_property
    def account(self) -> dict[Who, Account]:
        """Accounts and roles by name."""
        return {each.who: each for each in self.accounts}

    @cached_property
    def databases(self) -> frozenset[str]:
        """The names of those that are there."""
        return frozenset(each.database for each in self.securables if each.database)

    def is_system(self, securable: Securable) -> bool:
        """Whether it is the server's own."""
        return securable.database.lower() in SYSTEM_DATABASES


SYSTEM_DATABASES = frozenset(("mysql", "information_schema", "performance_schema", "sys"))
SYSTEM_ACCOUNTS = frozenset(("mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema"))


def quoted(name: str) -> str:
    """In backticks."""
    return "`" + name.replace("`", "``") + "`"


def shown(name: str) -> str:
    """In backticks only where SQL needs them."""
    return name if _PLAIN.fullmatch(name) else quoted(name)


def unquoted(text: str) -> str:
    """What is in quotes of whatever kind, or the text itself."""
    found = _QUOTED.fullmatch(text)
    if found is None:
        return text
    single, back, double = found.groups()
    if single is not None:
        return single.replace("''", "'")
    return back.replace("``", "`") if back is not None else double.replace('""', '"')


def split_account(text: str) -> Who:
    """`u@h`, `'u'@'h'`, or `u` alone, which gets an empty host."""
    found = re.fullmatch(rf"({_QUOTED.pattern}|.*?)@({_QUOTED.pattern}|[^@]*)", text, re.S)
    if found is None or _QUOTED.fullmatch(text):
        return Who(unquoted(text), "")
    return Who(unquoted(found[1]), unquoted(found[5]))


def split_name(text: str) -> tuple[str, ...]:
    """The parts of a dotted name, out of their quotes: `s`.`t.x` → ("s", "t.x")."""
    parts = re.findall(r"`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|[^.`\"]+", text)
    return tuple(unquoted(part) for part in parts)
