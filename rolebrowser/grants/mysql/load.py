"""Facts of a MariaDB (10.4 and later) or MySQL (8.0 and later) server, as far as one may read them.

Who may not read the database `mysql` is told so, and gets what SHOW GRANTS says of the account
itself and its roles. Passwords and their hashes are never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files

from rolebrowser.connection.protocol import Connection, Row
from rolebrowser.errors import StatementError
from rolebrowser.grants.mysql import own, rows, shown
from rolebrowser.grants.mysql.facts import (
    SERVER,
    SYSTEM_DATABASES,
    Account,
    Entry,
    Facts,
    Level,
    Securable,
    Who,
    split_account,
)
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.shown import Shown

FIRST_MARIADB, FIRST_MYSQL = 100400, 80000
_DENIED = frozenset(("1044", "1142", "1143", "1227", "1370"))
"""Access denied: to a database, a table, a column, for want of a privilege, to a routine."""
_ROUTINES = frozenset((Level.FUNCTION, Level.PROCEDURE))


def load(connection: Connection) -> Facts:
    """Read everything that may be read; blocks.

    Raises:
        StatementError: the server is too old, or failed.
        ConnectionLost, Cancelled: as `Connection.query`.
    """
    version = connection.info.version_number
    mariadb = "mariadb" in connection.info.version.lower()
    if version < (FIRST_MARIADB if mariadb else FIRST_MYSQL):
        raise StatementError(
            "Grants are read from MariaDB 10.4 and MySQL 8.0 on;"
            f" this is {connection.info.version}.",
            fix=r"\dg and \dp still work.",
        )
    reader = _Reader(connection, mariadb=mariadb, version=version)
    facts = reader.facts()
    things = reader.things(facts)
    return replace(
        facts,
        securables=things,
        texts=reader.texts,
        notes=tuple(reader.notes),
        unseen=tuple(reader.unseen),
        sees_all=reader.sees_all,
    )


@cache
def sql(name: str, version: int = 0) -> str:
    """The text of a query; of several by version the one for that server."""
    folder = files("rolebrowser.grants.mysql") / "sql"
    dated = sorted(each.name for each in folder.iterdir() if each.name.startswith(f"{name}_1"))
    fitting = [each for each in dated if int(each[-10:-4]) <= version]
    return (folder / (fitting[-1] if fitting else f"{name}.sql")).read_text(encoding="utf-8")


class _Reader:
    def __init__(self, connection: Connection, *, mariadb: bool, version: int) -> None:
        self._connection = connection
        self._mariadb = mariadb
        self._version = version
        self.notes: list[str] = []
        self.unseen: list[Who] = []
        self.sees_all = True
        self.texts: dict[tuple[Level, str, str], str] = {}

    def _ask(self, name: str) -> tuple[Row, ...]:
        return self._connection.query(sql(name, self._version)).result()

    def facts(self) -> Facts:
        """Everything but the things that are there."""
        account, _, role = self._ask("here")[0]
        user = split_account(str(account))
        variables = {str(name): str(value) for name, value, *_ in self._ask("variables")}
        facts = Facts(
            mariadb=self._mariadb,
            version=self._version,
            user=user,
            active=rows.active_roles(role, mariadb=self._mariadb),
            accounts=(),
            mandatory=rows.mandatory_roles(variables.get("mandatory_roles", "")),
            activate_all=variables.get("activate_all_roles_on_login") == "ON",
            activate_mandatory=variables.get("activate_mandatory_roles") == "ON",
            partial_revokes=variables.get("partial_revokes") == "ON",
            fold_case=variables.get("lower_case_table_names", "0") != "0",
        )
        try:
            return self._all(facts)
        except StatementError as error:
            if error.code not in _DENIED:
                raise
            self.notes.append(
                f"Only {user.label} and its roles are shown:"
                f" it may not read everybody's grants ({error.what.rstrip('.')})."
            )
            return self._own(facts)

    def _all(self, facts: Facts) -> Facts:
        flavor = "mariadb" if self._mariadb else "mysql"
        accounts = self._mariadb_accounts() if self._mariadb else self._mysql_accounts()
        return replace(
            facts,
            accounts=accounts,
            memberships=tuple(map(rows.membership, self._ask(f"{flavor}_memberships"))),
            entries=(
                *map(rows.database_entry, self._ask(f"{flavor}_databases")),
                *map(rows.table_entry, self._ask("tables")),
                *map(rows.column_entry, self._ask("columns")),
                *map(rows.routine_entry, self._ask("routines")),
                *map(rows.proxy_entry, self._ask("proxies")),
            ),
        )

    def _mariadb_accounts(self) -> tuple[Account, ...]:
        return tuple(map(rows.mariadb_account, self._ask("mariadb_accounts")))

    def _mysql_accounts(self) -> tuple[Account, ...]:
        roles = {each.role for each in map(rows.membership, self._ask("mysql_memberships"))}
        return rows.mysql_accounts(
            self._ask("mysql_accounts"),
            self._ask("mysql_dynamic"),
            self._ask("mysql_default_roles"),
            roles,
        )

    # ── as an ordinary account ───────────────────────────────────────────────────────────────

    def _own(self, facts: Facts) -> Facts:
        """The reader's own grants and its roles', from SHOW GRANTS."""
        lines = self._show(facts.user.sql)
        found = shown.read(lines)
        roles: dict[Who, None] = {}
        asked: set[Who] = set()
        waiting = [each.role for each in found.memberships if each.member == facts.user]
        waiting += [*facts.mandatory]
        while waiting:
            role = waiting.pop(0)
            if role in asked:
                continue
            asked.add(role)
            more = self._show_role(facts.user, role, found)
            if more is None:
                continue
            roles[role] = None
            waiting += [each.role for each in more.memberships if each.member == role]
            own.join(found, more)
        if not self._mariadb:
            self._nested(facts.user, found, roles)
        return own.own_facts(facts, found, roles, self._own_defaults())

    def _nested(self, user: Who, found: Shown, roles: dict[Who, None]) -> None:
        """Roles of MySQL roles: who granted what to whom is told, what they may do isn't apart."""
        for each in map(rows.membership, self._ask("mysql_own_roles")):
            if each.member != user and each not in found.memberships:
                found.memberships.append(each)
                roles[each.role] = None
                self.notes.append(
                    f"What {each.role.label} has is shown as {each.member.label}'s:"
                    " MySQL tells it apart only to who may read everybody's grants."
                )

    def _show(self, who: str, using: str = "") -> list[str]:
        text = f"SHOW GRANTS FOR {who}" + (f" USING {using}" if using else "")
        return [str(row[0]) for row in self._connection.query(text).result()]

    def _show_role(self, user: Who, role: Who, mine: Shown) -> Shown | None:
        """A role's grants, None when they aren't shown; MySQL adds them to the account's own."""
        try:
            if self._mariadb:
                return shown.read(self._show(role.sql))
            together = shown.read(self._show(user.sql, role.sql))
            return own.less(together, mine, user, role)
        except StatementError as error:
            if error.code not in _DENIED:
                raise
            self.notes.append(
                f"What {role.label} has can't be seen while it isn't active"
                f" ({error.what.rstrip('.')}): SET ROLE {role.sql} first, or make it the default."
            )
            self.unseen.append(role)
            return None

    def _own_defaults(self) -> frozenset[str]:
        return frozenset(str(row[0]) for row in self._ask("own_default_roles"))

    # ── what is there ────────────────────────────────────────────────────────────────────────

    def things(self, facts: Facts) -> tuple[Securable, ...]:
        """Databases, tables, views and routines that the reader may see; those in grants too."""
        found: dict[Securable, None] = {}
        for row in self._ask("things_databases"):
            found[Securable(Level.DATABASE, str(row[0]))] = None
        views = {(row[0], row[1]): row for row in self._ask("things_views")}
        for row in self._ask("things_tables"):
            view = views.get((row[0], row[1]))
            self._keep((Level.TABLE, str(row[0]), str(row[1])), view[4] if view else "")
            found[
                Securable(
                    Level.TABLE,
                    str(row[0]),
                    str(row[1]),
                    view="VIEW" in str(row[2]),
                    definer=str(view[2]) if view else "",
                    invoker=view is not None and view[3] == "INVOKER",
                )
            ] = None
        for row in self._ask("things_routines"):
            level = Level(str(row[2]).lower())
            self._keep((level, str(row[0]), str(row[1])), row[5])
            found[
                Securable(level, str(row[0]), str(row[1]), definer=str(row[3]),
                          invoker=row[4] == "INVOKER")
            ] = None  # fmt: skip
        for entry in facts.entries:
            if entry.level is Level.ACCOUNT:
                found[Securable(Level.ACCOUNT, "", entry.name)] = None
        model = Model(facts)
        self.sees_all = "SELECT" in model.rights(model.sessions.present, SERVER)
        if not self.sees_all:
            self.notes.append(
                f"{facts.user.label} sees only the databases, tables and routines that it may use;"
                " others are listed where a grant names them."
            )
            _named_in_grants(facts.entries, found)
        self._unseen(found)
        return tuple(found)

    def _keep(self, key: tuple[Level, str, str], text: object) -> None:
        if text:
            self.texts[key] = str(text)

    def _unseen(self, found: Iterable[Securable]) -> None:
        """Say what of those that read for others keeps its text from the reader."""
        hidden = [
            each
            for each in found
            if (each.view or (each.level in _ROUTINES and not each.invoker))
            and each.database.lower() not in SYSTEM_DATABASES
            and (each.level, each.database, each.name) not in self.texts
        ]
        views = sum(each.view for each in hidden)
        counted = [f"{n:,} {word}{'s' * (n > 1)}" for n, word in
                   ((views, "view"), (len(hidden) - views, "routine")) if n]  # fmt: skip
        if counted:
            routine = "SELECT on mysql.proc" if self._mariadb else "SHOW_ROUTINE"
            self.notes.append(
                f"What {' and '.join(counted)} read can't be seen, nor who reads through them:"
                f" that takes SHOW VIEW for a view, {routine} for a routine."
            )


def _named_in_grants(entries: Iterable[Entry], found: dict[Securable, None]) -> None:
    known = {(each.level, each.database, each.name) for each in found}

    def add(level: Level, database: str, name: str = "") -> None:
        if (level, database, name) not in known:
            known.add((level, database, name))
            found[Securable(level, database, name)] = None

    for each in entries:
        if each.level is Level.ACCOUNT:
            continue
        if each.level is Level.DATABASE:
            if not set(each.database) & set("%_\\"):
                add(Level.DATABASE, each.database)
            continue
        add(Level.DATABASE, each.database)
        level = Level.TABLE if each.level is Level.COLUMN else each.level
        add(level, each.database, each.name)
