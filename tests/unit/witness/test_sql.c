#include "witness/wire/sql.h"

#include "witness/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** "T" trivial, "r" reads, "w" writes, and the fingerprint; statements joined by " | ". */
static const char *told(const char *sql)
{
    static char out[4096];
    sql_lexer query = {sql, sql + strlen(sql)};
    sql_statement one;
    size_t len = 0;
    out[0] = '\0';
    while (sql_next(&query, &one))
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%s%s%s %.*s", len ? " | " : "",
                                one.flags & WIRE_TRIVIAL ? "T" : "", one.flags & WIRE_READ ? "r" : "",
                                one.flags & WIRE_WRITE ? "w" : "", (int)one.text.len, one.text.text);
    return out;
}

#define TELLS(sql, expected) assert_string_equal(told(sql), expected)

/** Write a text without its end. */
static void put(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
}

static bool is_trivial(const char *sql)
{
    sql_lexer query = {sql, sql + strlen(sql)};
    sql_statement one;
    assert_true(sql_next(&query, &one));
    return one.flags & WIRE_TRIVIAL;
}

static bool writes(const char *sql)
{
    sql_lexer query = {sql, sql + strlen(sql)};
    sql_statement one;
    assert_true(sql_next(&query, &one));
    assert_int_equal((one.flags & WIRE_WRITE) != 0, (one.flags & (WIRE_READ | WIRE_TRIVIAL)) == 0);
    return one.flags & WIRE_WRITE;
}

static void test_literals_are_taken_out_and_lists_folded(void **state)
{
    (void)state;
    TELLS("select  a,b from t where c='it''s' and d = -1.5e+3 and e=$2",
          "r select a, b from t where c = ? and d = - ? and e = $2");
    TELLS("SELECT * FROM t WHERE id IN (1,2 , 3)", "r SELECT * FROM t WHERE id IN (?)");
    TELLS("INSERT INTO t (a,b) VALUES (1,'x'),(2,'y'), (3,'z')", "w INSERT INTO t (a, b) VALUES (?)");
    TELLS("SELECT E'a\\'b', U&'x', $tag$ it's $$ $tag$, x'1F' FROM t", "r SELECT ? FROM t");
    TELLS("SELECT \"my col\" FROM \"T\" -- secret\n WHERE /* a /* b */ c */ x>=1",
          "r SELECT \"my col\" FROM \"T\" WHERE x >= ?");
    TELLS("SELECT a::text FROM s.t", "r SELECT a::text FROM s.t");
}

static void test_a_query_is_cut_at_its_semicolons_only(void **state)
{
    (void)state;
    TELLS("BEGIN; DELETE FROM t WHERE a = ';' ;; COMMIT", "T BEGIN | w DELETE FROM t WHERE a = ? | T COMMIT");
    TELLS(" ; -- nothing\n", "");
    TELLS("DO $$ BEGIN DELETE FROM t; END $$; SHOW x", "w DO ? | T SHOW x");
}

static void test_questions_about_the_connection_are_trivial(void **state)
{
    (void)state;
    static const char *const IDLE[] = {
        "SELECT 1",
        "select 1 as one",
        "SELECT 'x'::text",
        "SELECT version()",
        "select pg_catalog.version()",
        "SELECT current_schema(), current_user",
        "SHOW server_version",
        "SET search_path TO x",
        "RESET ALL",
        "DISCARD ALL",
        "BEGIN",
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "COMMIT",
        "END",
        "ROLLBACK TO a",
        "SAVEPOINT a",
        "RELEASE a",
        "DEALLOCATE ALL",
        "VALUES (1)",
        "SELECT CAST(1 AS numeric(10,2))",
        "SELECT 1::numeric(10, 2)",
        "SELECT now()",
        "SELECT current_setting('x')",
        "UNLISTEN *",
        "(SELECT 1)",
        "SELECT 1 FROM (SELECT 1 FROM (VALUES (1), (2)) a(x)) b",
        "WITH a AS (SELECT 1) SELECT count(*) FROM a",
        "SELECT md5('x') || upper(left('y', 1)), Random()",
        "SELECT extract(epoch FROM now()), trim(both FROM ' x '), substring('abc' FROM 1 FOR 2)",
        "SELECT * FROM unnest(array[1, 2]) u, current_date",
        "EXPLAIN (ANALYZE, COSTS OFF) SELECT 1",
        "PREPARE p (int) AS SELECT $1",
        "DECLARE c CURSOR FOR SELECT 1",
        "COPY (SELECT 1) TO STDOUT",
    };
    for (size_t i = 0; i < sizeof IDLE / sizeof *IDLE; i++)
        if (!is_trivial(IDLE[i]))
            fail_msg("not trivial: %s", IDLE[i]);
}

static void test_look_ups_in_the_catalogues_alone_are_trivial(void **state)
{
    (void)state;
    static const char *const LOOKUPS[] = {
        "SELECT oid FROM pg_type WHERE typname = 'hstore'",
        "SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = ns.oid WHERE typname = "
        "'x'",
        "select relname from pg_catalog.pg_class c left join pg_namespace n on n.oid=c.relnamespace where "
        "has_table(1)",
        "SELECT * FROM pg_settings, pg_catalog.pg_class",
        "SELECT * FROM (SELECT oid FROM pg_class) x WHERE oid IN (SELECT 1 FROM pg_proc)",
        "WITH RECURSIVE tree(oid) AS (SELECT oid FROM pg_type UNION ALL SELECT t.oid FROM tree, pg_type t), "
        "b AS "
        "(SELECT 1 FROM tree) SELECT DISTINCT * FROM tree, b",
        "SELECT a.attname FROM pg_attribute a, unnest(array[1]) WHERE a.x IS DISTINCT FROM 3",
    };
    for (size_t i = 0; i < sizeof LOOKUPS / sizeof *LOOKUPS; i++)
        if (!is_trivial(LOOKUPS[i]))
            fail_msg("not trivial: %s", LOOKUPS[i]);
}

static void test_what_touches_data_or_acts_is_substantive(void **state)
{
    (void)state;
    static const char *const REAL[] = {
        "SELECT * FROM users",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT nextval('s')",
        "SELECT my_function(1)",
        "SELECT 1 FROM pg_class, users",
        "SELECT 1 FROM pg_class JOIN users ON true",
        "SELECT 1 FROM pg_class WHERE oid IN (SELECT id FROM users)",
        "SELECT 1 FROM pg_class UNION SELECT 1 FROM users",
        "SELECT 1, (SELECT count(*) FROM users)",
        "WITH a AS (SELECT 1) SELECT (1), 2 FROM users",
        "WITH a AS (SELECT 1 FROM users) SELECT * FROM a",
        "SELECT * FROM public.pg_stuff",
        "SELECT * FROM (a JOIN b ON true)",
        "SELECT * FROM ONLY users",
        "TABLE users",
        "LISTEN x",
        "NOTIFY x",
        "SELECT pg_sleep(1)",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT pg_notify('a', 'b')",
        "EXPLAIN SELECT * FROM users",
        "EXPLAIN UPDATE users SET a = 1",
        "EXPLAIN (ANALYZE) INSERT INTO users DEFAULT VALUES",
        "PREPARE p AS DELETE FROM users",
        "DECLARE c CURSOR FOR SELECT * FROM users",
        "COPY (SELECT * FROM users) TO STDOUT",
        "COPY users TO STDOUT",
        "SELECT * FROM information_schema.columns WHERE table_name = 'users'",
        "SELECT indexdef FROM pg_catalog.pg_indexes",
        "SELECT app.now()",
        "SELECT crypt('x', gen_salt('bf'))",
        "SELECT to_regclass('users')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        "SELECT * FROM \"users\"",
        "EXECUTE x",
        "FETCH 1 FROM c",
        "LOCK TABLE t",
    };
    for (size_t i = 0; i < sizeof REAL / sizeof *REAL; i++)
        if (is_trivial(REAL[i]))
            fail_msg("trivial: %s", REAL[i]);
}

static void test_reads_and_writes_are_told_apart(void **state)
{
    (void)state;
    static const char *const WRITES[] = {
        "INSERT INTO t SELECT 1 FROM pg_class",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "MERGE INTO t USING s ON true",
        "COPY t FROM STDIN",
        "CREATE TABLE t (a int)",
        "DROP TABLE t",
        "TRUNCATE t",
        "CALL p()",
        "DO $$x$$",
        "NOTIFY x",
        "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "WITH a AS (SELECT 1) UPDATE t SET x = 1",
        "SELECT * INTO u FROM t",
        "ALTER USER a PASSWORD 'b'",
        "VACUUM",
    };
    static const char *const READS[] = {
        "SELECT * FROM t FOR UPDATE",
        "TABLE t",
        "COPY t TO STDOUT",
        "COPY (SELECT 1 FROM t) TO STDOUT",
        "FETCH 1 FROM c",
        "EXPLAIN ANALYZE DELETE FROM t",
        "WITH a AS (SELECT * FROM t) SELECT * FROM a FOR NO KEY UPDATE",
        "SELECT \"into\", deleted FROM t",
        "(SELECT * FROM t) UNION (SELECT * FROM u)",
    };
    for (size_t i = 0; i < sizeof WRITES / sizeof *WRITES; i++)
        if (!writes(WRITES[i]))
            fail_msg("does not write: %s", WRITES[i]);
    for (size_t i = 0; i < sizeof READS / sizeof *READS; i++)
        if (writes(READS[i]))
            fail_msg("writes: %s", READS[i]);
}

static void test_a_statement_cut_anywhere_still_ends(void **state)
{
    (void)state;
    const char *sql = "WITH a(b) AS (SELECT E'\\'', $q$ x $q$, \"y\" FROM pg_class /* z */) DELETE FROM t "
                      "WHERE u&'1' = 1e+5 -- c";
    char copy[256];
    for (size_t len = 0; len <= strlen(sql); len++) {
        memcpy(copy, sql, len);
        sql_lexer query = {copy, copy + len};
        sql_statement one;
        size_t count = 0;
        while (sql_next(&query, &one))
            assert_true(++count <= 1);
    }
}

static void test_a_fingerprint_is_never_longer_than_its_limit(void **state)
{
    (void)state;
    char sql[2000];
    memset(sql, 'a', sizeof sql);
    put(sql, "SELECT ");
    sql_lexer query = {sql, sql + sizeof sql};
    sql_statement one;
    assert_true(sql_next(&query, &one));
    assert_int_equal(one.text.len, FINGERPRINT_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals_are_taken_out_and_lists_folded),
        cmocka_unit_test(test_a_query_is_cut_at_its_semicolons_only),
        cmocka_unit_test(test_questions_about_the_connection_are_trivial),
        cmocka_unit_test(test_look_ups_in_the_catalogues_alone_are_trivial),
        cmocka_unit_test(test_what_touches_data_or_acts_is_substantive),
        cmocka_unit_test(test_reads_and_writes_are_told_apart),
        cmocka_unit_test(test_a_statement_cut_anywhere_still_ends),
        cmocka_unit_test(test_a_fingerprint_is_never_longer_than_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
