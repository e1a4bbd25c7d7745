"""Which refused statements `w` is offered for, and what it then asks."""

from __future__ import annotations

import pytest

from rolebrowser.grants.askable import question
from rolebrowser.target import Engine

_SALES = "permission denied for schema sales"
_MINE = "command denied to user 'me'@'localhost' for table"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM s.t",
        "-- mine\nselect 1 from s.t",
        "WITH x AS (SELECT 1 FROM s.t) SELECT * FROM x",
        "INSERT INTO s.t VALUES (1)",
        "UPDATE ONLY s.t SET a = 1",
        "DELETE FROM s.t",
        "MERGE INTO s.t USING s.u ON true WHEN MATCHED THEN DELETE",
        "TABLE s.t",
    ],
)
def test_what_reads_or_writes_a_named_table_is_asked_about_as_it_is(statement: str) -> None:
    assert question(statement, "permission denied for table t", Engine.POSTGRES) == statement


@pytest.mark.parametrize(
    ("statement", "refusal", "asked"),
    [
        ("EXPLAIN (COSTS OFF) SELECT * FROM s.t", "…", "SELECT * FROM s.t"),
        ("CREATE TABLE sales.x(a int)", _SALES, "CREATE schema sales"),
        ("CREATE TABLE IF NOT EXISTS x(a int)", _SALES, "CREATE schema sales"),
        ("create or replace view Sales.v AS SELECT 1", _SALES, "CREATE schema sales"),
        ("CREATE MATERIALIZED VIEW sales.v AS SELECT 1", _SALES, "CREATE schema sales"),
        ('CREATE TABLE "S x".t (a int)', "permission denied for schema S x", 'CREATE schema "S x"'),
        ("TRUNCATE TABLE s.t", "permission denied for table t", "TRUNCATE s.t"),
    ],
)
def test_what_the_refusal_makes_certain_is_asked(statement: str, refusal: str, asked: str) -> None:
    assert question(statement, refusal, Engine.POSTGRES) == asked


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("", "…"),
        ("DROP TABLE sales.orders", "must be owner of table orders"),
        ("ALTER TABLE sales.orders ADD COLUMN a int", "must be owner of table orders"),
        ("CREATE INDEX ON sales.orders (id)", "must be owner of table orders"),
        ("CREATE INDEX ON sales.orders (id)", _SALES),
        ("CREATE ROLE x", "permission denied to create role"),
        ("SET ROLE rdsadmin", 'permission denied to set role "rdsadmin"'),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"),
        ("TRUNCATE s.t, s.u", "permission denied for table u"),
        # USAGE for the query may be what is missing, rather than CREATE.
        ("CREATE TABLE sales.x AS SELECT * FROM sales.y", _SALES),
        ("CREATE TABLE x AS SELECT * FROM sales.y", _SALES),
        ("CREATE TABLE s.x (a int REFERENCES sales.y)", _SALES),
    ],
)
def test_of_the_rest_nothing_is_asked(statement: str, refusal: str) -> None:
    assert question(statement, refusal, Engine.POSTGRES) == ""


@pytest.mark.parametrize(
    ("statement", "refusal", "asked"),
    [
        ("CREATE TABLE zz(a int)", f"CREATE {_MINE} `inventory`.`zz`", "CREATE `inventory`.*"),
        ("CREATE VIEW v AS SELECT 1", f"CREATE VIEW {_MINE} `i`.`v`", "CREATE VIEW `i`.*"),
        ("DROP TABLE items", f"DROP {_MINE} `inventory`.`items`", "DROP `inventory`.`items`"),
        ("ALTER TABLE t ADD c int", f"ALTER {_MINE} `i d`.`t`", "ALTER `i d`.`t`"),
        ("CREATE INDEX i ON t (a)", f"INDEX {_MINE} `i`.`t`", "INDEX `i`.`t`"),
        ("TRUNCATE TABLE t", f"DROP {_MINE} `i`.`t`", "DROP `i`.`t`"),
        ("CREATE TABLE b LIKE mysql.user", f"SELECT {_MINE} `mysql`.`user`", ""),
        ("ALTER TABLE t RENAME u", f"INSERT, CREATE {_MINE} `i`.`u`", ""),
        # MySQL 8: of which database isn't said.
        ("DROP TABLE items", f"DROP {_MINE} 'items'", ""),
        ("CREATE ROLE r", "Access denied; you need (at least one of) the CREATE USER", ""),
    ],
)
def test_mysql_names_the_privilege_itself(statement: str, refusal: str, asked: str) -> None:
    assert question(statement, refusal, Engine.MYSQL) == asked
