"""What a statement does, by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection.effects import Effect, classify
from rolebrowser.target import Engine

READ, WRITE, UNKNOWN = Effect.READ, Effect.WRITE, Effect.UNKNOWN
TRANSACTION, SETTING = Effect.TRANSACTION, Effect.SETTING


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("SELECT 1", READ),
        ("  -- c\n select 1", READ),
        ("(SELECT 1) UNION (SELECT 2)", READ),
        ("WITH x AS (SELECT 1) SELECT * FROM x", READ),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", WRITE),
        ("WITH x AS MATERIALIZED (SELECT 1) UPDATE t SET a = 1 WHERE b", WRITE),
        ("WITH RECURSIVE x(a) AS (VALUES (1)) INSERT INTO t SELECT * FROM x", WRITE),
        ("SELECT * INTO t FROM u", WRITE),
        ("SELECT 'DELETE FROM t', \"update\" FROM u", READ),
        ("SELECT update FROM t", READ),
        ("TABLE t", READ),
        ("VALUES (1)", READ),
        ("SHOW ALL", READ),
        ("EXPLAIN DELETE FROM t", READ),
        ("EXPLAIN ANALYZE DELETE FROM t", WRITE),
        ("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", WRITE),
        ("EXPLAIN (VERBOSE) DELETE FROM t", READ),
        ("EXPLAIN ANALYZE WITH x AS (SELECT 1) DELETE FROM t USING x", WRITE),
        ("EXPLAIN ANALYZE SELECT analyze FROM t", READ),
        ("EXPLAIN ANALYZE EXECUTE p", UNKNOWN),
        ("EXPLAIN SELECT 1 INTO t", READ),
        ("INSERT INTO t VALUES (1)", WRITE),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", WRITE),
        ("CREATE TABLE t (a int)", WRITE),
        ("GRANT SELECT ON t TO r", WRITE),
        ("TRUNCATE t", WRITE),
        ("COPY t FROM STDIN", WRITE),
        ("COPY t TO STDOUT", READ),
        ("COPY (DELETE FROM t RETURNING *) TO STDOUT", WRITE),
        ("COPY t TO '/tmp/x'", WRITE),
        ("BEGIN", TRANSACTION),
        ("START TRANSACTION", TRANSACTION),
        ("COMMIT", TRANSACTION),
        ("SET x = 1", SETTING),
        ("PREPARE p AS DELETE FROM t", SETTING),
        ("DO $$ $$", UNKNOWN),
        ("CALL p()", UNKNOWN),
        ("EXECUTE p", UNKNOWN),
        ("", UNKNOWN),
        (";", UNKNOWN),
    ],
)
def test_what_a_statement_does(statement: str, effect: Effect) -> None:
    assert classify(statement).effect is effect


@pytest.mark.parametrize(
    ("statement", "every_row"),
    [
        ("DELETE FROM t", True),
        ("DELETE FROM t WHERE a", False),
        ("DELETE FROM t USING (SELECT 1 WHERE true) u", True),
        ("UPDATE t SET a = (SELECT b FROM u WHERE c)", True),
        ("UPDATE t SET a = 1 WHERE b IN (SELECT 1)", False),
        ("WITH x AS (DELETE FROM t) SELECT 1", True),
        ("WITH x AS (DELETE FROM t WHERE a) SELECT 1", False),
        ("WITH x AS (SELECT 1) DELETE FROM t", True),
        ("WITH x AS (SELECT 1 WHERE true) UPDATE t SET a = 1", True),
        ("EXPLAIN ANALYZE DELETE FROM t", True),
        ("PREPARE p (int) AS DELETE FROM t", True),
        ("TRUNCATE t", True),
        ("INSERT INTO t (update, delete) SELECT 1, 2", False),
        ("SELECT 1", False),
    ],
)
def test_a_change_of_every_row_is_known(statement: str, every_row: bool) -> None:
    assert classify(statement).every_row is every_row


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("DELETE FROM t LIMIT 10", 10),
        ("DELETE FROM t ORDER BY a DESC LIMIT 1", 1),
        ("UPDATE t SET a = (SELECT b FROM u LIMIT 7) LIMIT 3", 3),
        ("/*!50000 UPDATE t SET a = 1 LIMIT 3 */", 3),
        ("/*!50000 DELETE FROM t LIMIT 3 */ /*!999999 + 1 */", 3),
        ("SET STATEMENT max_statement_time = 5 FOR DELETE FROM t LIMIT 5", 5),
        ("DELETE FROM t WHERE a LIMIT 10", 0),
        ("SELECT * FROM t LIMIT 10", 0),
    ],
)
def test_a_limit_says_how_many_rows_are_changed_without_where(statement: str, rows: int) -> None:
    found = classify(statement, Engine.MYSQL)
    assert (found.every_row, found.some_rows) == (False, rows)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM t", "DELETE FROM t LIMIT ?", "UPDATE t SET a = (SELECT b FROM u LIMIT 7)"],
)
def test_without_a_number_that_limits_it_every_row_is_changed(statement: str) -> None:
    found = classify(statement, Engine.MYSQL)
    assert (found.every_row, found.some_rows) == (True, 0)


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("SELECT a, b INTO @a, @b FROM t", READ),
        ("SELECT a FROM t WHERE b = 1 INTO @a", READ),
        ("(SELECT 1) INTO @a", READ),
        ("WITH c AS (SELECT 1) SELECT * INTO @a FROM c", READ),
        ("SELECT a FROM t INTO OUTFILE '/tmp/x'", WRITE),
        ("SELECT a FROM t INTO DUMPFILE '/tmp/x'", WRITE),
    ],
)
def test_mysqls_select_into_a_variable_only_reads(statement: str, effect: Effect) -> None:
    assert classify(statement, Engine.MYSQL).effect is effect


@pytest.mark.parametrize(
    "suffix", ["FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE"]
)
def test_row_locks_are_known(suffix: str) -> None:
    assert classify(f"SELECT * FROM t {suffix} SKIP LOCKED").locks
    assert classify(f"SELECT * FROM (SELECT * FROM t {suffix}) x").locks
    assert not classify("SELECT substring(a FROM 1 FOR 2) FROM t").locks


@pytest.mark.parametrize(
    ("statement", "begins"),
    [
        ("BEGIN", True),
        ("begin work", True),
        ("START TRANSACTION READ ONLY", True),
        ("COMMIT", False),
        ("COMMIT AND CHAIN", True),
        ("ROLLBACK AND NO CHAIN", False),
        ("SAVEPOINT a", False),
    ],
)
def test_a_statement_that_leaves_a_transaction_open_is_known(statement: str, begins: bool) -> None:
    assert classify(statement).begins is begins


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "SET work_mem = '1MB'",
        "SET ROLE r",
        "BEGIN READ ONLY",
        "BEGIN ISOLATION LEVEL REPEATABLE READ",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT 'set_config', \"do\", call FROM t",
        "SHOW transaction_read_only",
        "SELECT pg_terminate_backend FROM t",
        "DISCARD PLANS",
        "RESET work_mem",
        "COPY t TO STDOUT",
    ],
)
def test_what_a_read_only_transaction_holds_is_let_through(statement: str) -> None:
    assert classify(statement).evades == ""


@pytest.mark.parametrize(
    "statement",
    [
        "SET SESSION TRANSACTION READ WRITE",
        "SET @@session.transaction_read_only = 0",
        "SET GLOBAL max_connections = 1",
        "START TRANSACTION READ WRITE",
        "SELECT * FROM t INTO OUTFILE '/tmp/x'",
        "SELECT 1 /*! INTO OUTFILE '/tmp/x' */",
        "FLUSH PRIVILEGES",
        "KILL 1",
        "CALL p()",
        "LOAD DATA INFILE 'x' INTO TABLE t",
        "LOCK TABLES t WRITE",
        "SELECT GET_LOCK('a', 1)",
    ],
)
def test_mysqls_ways_out_are_known(statement: str) -> None:
    assert classify(statement, Engine.MYSQL).evades


@given(st.text(max_size=60), st.sampled_from(list(Engine)))
def test_no_text_is_too_odd(text: str, engine: Engine) -> None:
    assert classify(text, engine).effect in Effect


WORDS = ("SELECT", "WITH", "(", ")", "AS", "DELETE", "FROM", "EXPLAIN", ";", "'", "/*", "*/")


@given(st.lists(st.sampled_from(WORDS)))
def test_no_order_of_words_is_too_odd(words: list[str]) -> None:
    classify(" ".join(words))


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("ANALYZE SELECT 1", True),
        ("ANALYZE FORMAT=JSON SELECT * FROM t", True),
        ("analyze format = json with c as (select 1) select * from c", True),
        ("ANALYZE FORMAT=JSON (SELECT 1) UNION SELECT 2", True),
        ("ANALYZE FORMAT=JSON UPDATE t SET a = 1", False),
        ("ANALYZE DELETE FROM t", False),
        ("ANALYZE FORMAT=JSON SELECT GET_LOCK('a', 1)", False),
        ("ANALYZE TABLE t", False),
        ("ANALYZE LOCAL TABLE t", False),
        ("ANALYZE", False),
    ],
)
def test_mariadbs_analyze_of_a_query_is_a_query(statement: str, reads: bool) -> None:
    found = classify(statement, Engine.MYSQL)
    assert (found.evades == "" and found.effect is READ) is reads
