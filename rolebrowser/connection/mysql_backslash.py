r"""Backslash commands for MySQL and MariaDB: the counterparts of what people know from psql.

`\l \dt \d \di \du \drg \dp \dg \u \s \conninfo \?`. Each asks what the current user may ask;
where the system tables can't be read, it says so and shows what can be seen without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from rolebrowser.connection import psql
from rolebrowser.connection.mysql_errors import without_hashes
from rolebrowser.connection.protocol import Column, Connection, Notice, Outcome, Page
from rolebrowser.errors import StatementError
from rolebrowser.frozen import dataclass

_ROWS = 100_000
_DENIED = frozenset(("1142", "1143", "1044", "1227", "1146", "1109", "1054", "1193"))
"""Not allowed to look, or this server has no such table or column."""

_ACCOUNTS_MARIADB = """
    SELECT u.User AS `User`, u.Host AS `Host`, u.plugin AS `Plugin`,
           IF(u.is_role = 'Y', 'role', IF(u.Super_priv = 'Y', 'SUPER', '')) AS `Kind`,
           COALESCE(GROUP_CONCAT(r.Role ORDER BY r.Role SEPARATOR ', '), '') AS `Member of`,
           u.default_role AS `Default role`
    FROM mysql.user u LEFT JOIN mysql.roles_mapping r ON r.User = u.User AND r.Host = u.Host
    WHERE u.User LIKE {pattern}
    GROUP BY u.User, u.Host ORDER BY u.User, u.Host"""
_ACCOUNTS_MYSQL = """
    SELECT u.User AS `User`, u.Host AS `Host`, u.plugin AS `Plugin`,
           CONCAT_WS(', ', IF(u.account_locked = 'Y' AND u.password_expired = 'Y'
                              AND u.authentication_string = '', 'role',
                              IF(u.account_locked = 'Y', 'locked', NULL)),
                     IF(u.Super_priv = 'Y', 'SUPER', NULL)) AS `Kind`,
           COALESCE((SELECT GROUP_CONCAT(DISTINCT e.FROM_USER ORDER BY e.FROM_USER SEPARATOR ', ')
                     FROM mysql.role_edges e
                     WHERE e.TO_USER = u.User AND e.TO_HOST = u.Host), '') AS `Member of`,
           COALESCE((SELECT GROUP_CONCAT(d.DEFAULT_ROLE_USER ORDER BY 1 SEPARATOR ', ')
                     FROM mysql.default_roles d
                     WHERE d.USER = u.User AND d.HOST = u.Host), '') AS `Default role`
    FROM mysql.user u WHERE u.User LIKE {pattern} ORDER BY u.User, u.Host"""
_SEEN_ACCOUNTS = """
    SELECT GRANTEE AS `User`, '' AS `Host`, '' AS `Plugin`, 'seen by you' AS `Kind`
    FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE CONCAT('%', {pattern}, '%')
    UNION SELECT ROLE_NAME, '', '', 'role of yours' FROM information_schema.APPLICABLE_ROLES
    ORDER BY 1"""
_MEMBERSHIPS_MARIADB = """
    SELECT User AS `User`, Host AS `Host`, Role AS `Role`, Admin_option AS `Admin`
    FROM mysql.roles_mapping WHERE User LIKE {pattern} ORDER BY 1, 2, 3"""
_MEMBERSHIPS_MYSQL = """
    SELECT TO_USER AS `User`, TO_HOST AS `Host`, FROM_USER AS `Role`, FROM_HOST AS `Role host`,
           WITH_ADMIN_OPTION AS `Admin`
    FROM mysql.role_edges WHERE TO_USER LIKE {pattern} ORDER BY 1, 2, 3, 4"""
_OWN_MEMBERSHIPS = """
    SELECT GRANTEE AS `User`, ROLE_NAME AS `Role`, IS_GRANTABLE AS `Admin`,
           IS_DEFAULT AS `Default`
    FROM information_schema.APPLICABLE_ROLES WHERE GRANTEE LIKE {pattern} ORDER BY 1, 2"""
_TABLE_PRIVILEGES = """
    SELECT TABLE_SCHEMA AS `Schema`, TABLE_NAME AS `Table`, GRANTEE AS `Grantee`,
           GROUP_CONCAT(PRIVILEGE_TYPE ORDER BY PRIVILEGE_TYPE SEPARATOR ', ') AS `Privileges`,
           MAX(IS_GRANTABLE) AS `Grantable`
    FROM (SELECT TABLE_SCHEMA, TABLE_NAME, GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE
            FROM information_schema.TABLE_PRIVILEGES
          UNION SELECT TABLE_SCHEMA, '*', GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE
            FROM information_schema.SCHEMA_PRIVILEGES
          UNION SELECT '*', '*', GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE
            FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE') p
    WHERE TABLE_NAME LIKE {pattern}
    GROUP BY TABLE_SCHEMA, TABLE_NAME, GRANTEE ORDER BY 1, 2, 3"""
_TABLE_PRIVILEGES_OF_ALL = _TABLE_PRIVILEGES.replace(
    "GROUP BY TABLE_SCHEMA, TABLE_NAME,",
    "AND NOT EXISTS (SELECT 1 FROM mysql.tables_priv WHERE FALSE)"
    " GROUP BY TABLE_SCHEMA, TABLE_NAME,",
)
"""The same, refused to whom information_schema shows no grants but those to itself."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """A command: its help, title and SQL; further SQL is tried where the one before is denied.

    Attributes:
        mysql: the SQL for MySQL, where it is another than MariaDB's.
        note: what else is not shown to who is denied the first question.
    """

    help: str
    title: str = ""
    sql: tuple[str, ...] = ()
    mysql: tuple[str, ...] = ()
    note: str = ""

    def questions(self, flavor: str) -> tuple[str, ...]:
        """What to ask a server of that flavor."""
        return self.sql if flavor == "MariaDB" else self.mysql or self.sql


_COMMANDS = {
    "l": _Spec("list databases", "List of databases", ("SHOW DATABASES LIKE {pattern}",)),
    "dt": _Spec("list tables", "List of tables", ("SHOW FULL TABLES LIKE {pattern}",)),
    "d": _Spec("describe a table", "Table {name}", ("SHOW FULL COLUMNS FROM {table}",)),
    "di": _Spec("list a table's indexes", "Indexes of {name}", ("SHOW INDEX FROM {table}",)),
    "du": _Spec(
        "list users and roles",
        "List of users and roles",
        (_ACCOUNTS_MARIADB, _SEEN_ACCOUNTS),
        (_ACCOUNTS_MYSQL, _SEEN_ACCOUNTS),
    ),
    "drg": _Spec(
        "list who is in which role",
        "Memberships",
        (_MEMBERSHIPS_MARIADB, _OWN_MEMBERSHIPS),
        (_MEMBERSHIPS_MYSQL, _OWN_MEMBERSHIPS),
    ),
    "dp": _Spec(
        "list privileges seen by you",
        "Privileges",
        (_TABLE_PRIVILEGES_OF_ALL, _TABLE_PRIVILEGES),
        note="What roles give, active or not, isn't listed here: \\dg shows it.",
    ),
    "dg": _Spec("show your grants", "Grants", ("SHOW GRANTS",)),
    "u": _Spec("use a database", "", ("USE {table}",)),
    "s": _Spec("say what this connection is", "Status"),
    "conninfo": _Spec("say what this connection is", "Status"),
    "?": _Spec("list these commands", "Commands"),
}


def commands() -> tuple[tuple[str, str], ...]:
    """Each command and what it does."""
    return tuple((f"\\{name}", known.help) for name, known in _COMMANDS.items())


def run(text: str, connection: Connection) -> Future[Outcome]:
    """Run a backslash command.

    Errors of the Future: StatementError (unknown command, a missing name, the server's refusal),
    ConnectionLost.
    """
    future: Future[Outcome] = Future()
    future.set_running_or_notify_cancel()
    word, _, argument = text.strip().removeprefix("\\").rstrip(";").partition(" ")
    name = "s" if word.lower() == "status" else word.rstrip("+S") or word
    spec, argument = _COMMANDS.get(name), argument.strip()
    if name == "d" and not argument:
        spec = _COMMANDS["dt"]
    if spec is None:
        future.set_exception(StatementError(f"invalid command \\{word}", fix="Try \\? for help."))
    elif name in ("s", "conninfo"):
        future.set_result(_facts(text, connection))
    elif name == "?":
        future.set_result(_told(text, "Commands", ("Command", "What it does"), commands()))
    elif "{table}" in spec.sql[0] and not argument:
        future.set_exception(StatementError(f"\\{word} needs a name."))
    else:
        asked = spec.questions(connection.info.flavor)
        sql = [each.format(pattern=_like(argument), table=_quoted(argument)) for each in asked]
        title = spec.title.format(name=argument)
        _Attempt(text.strip(), title, sql, connection, future, spec.note).go()
    return future


class _Attempt:
    """Tries one question after the other until one is allowed."""

    def __init__(
        self,
        text: str,
        title: str,
        questions: Sequence[str],
        connection: Connection,
        future: Future[Outcome],
        note: str,
    ) -> None:
        self._note = note
        self._text = text
        self._title = title
        self._questions = list(questions)
        self._connection = connection
        self._future = future
        self._refused = ""

    def go(self) -> None:
        """Ask the next question; answered in the owner thread."""
        sql = self._questions.pop(0)
        self._connection.run(sql, page_rows=_ROWS).add_done_callback(self._answered)

    def _answered(self, answer: Future[Outcome]) -> None:
        try:
            outcome = answer.result()
        except StatementError as error:
            if error.code in _DENIED and self._questions:
                self._refused = error.what
                self.go()
            else:
                self._future.set_exception(error)
        except BaseException as error:
            self._future.set_exception(error)
        else:
            self._future.set_result(self._shown(outcome))

    def _shown(self, outcome: Outcome) -> Outcome:
        if not outcome.columns:
            return replace(outcome, statement=self._text)
        rows = tuple(
            tuple(value and without_hashes(value) for value in row) for row in outcome.page.rows
        )
        notices = outcome.notices
        if self._refused:
            told = f"Not everybody is shown: {self._refused}"
            notices += tuple(Notice("NOTE", each) for each in (told, self._note) if each)
        return replace(
            outcome,
            statement=self._text,
            page=Page(rows),
            cursor=0,
            rowcount=len(rows),
            notices=notices,
            text=psql.aligned(outcome.columns, rows, title=self._title),
            shown=psql.aligned(
                psql.visible_columns(outcome.columns),
                psql.visible_rows(rows),
                title=psql.visible(self._title),
            ),
            title=self._title,
        )


def _facts(text: str, connection: Connection) -> Outcome:
    return _told(text, "Status", ("What", "Value"), connection.info.facts)


def _told(text: str, title: str, names: Sequence[str], rows: Sequence[tuple[str, str]]) -> Outcome:
    columns = tuple(map(Column, names))
    found = tuple(tuple(row) for row in rows)
    return Outcome(
        text.strip(),
        columns=columns,
        page=Page(found),
        rowcount=len(found),
        text=psql.aligned(columns, found, title=title),
        title=title,
    )


def _like(pattern: str) -> str:
    """A psql pattern as a LIKE string: `*` any text, `?` any character; nothing = everything."""
    last = pattern.rpartition(".")[2] or "*"
    text = re.sub(r"([\\%_])", r"\\\\\1", last)
    text = text.replace("*", "%").replace("?", "_").replace("'", "''")
    return f"'{text}'"


def _quoted(name: str) -> str:
    """A table's name, with its database or without, in backticks."""
    parts = re.findall(r"`(?:[^`]|``)*`|[^.]+", name)
    return ".".join(
        part if part.startswith("`") else "`" + part.replace("`", "``") + "`" for part in parts
    )
