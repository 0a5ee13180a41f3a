"""The fixture images keep the promises of the official ones that they stand in for."""
import socket
import time

import psycopg2
import pytest
import redis

from fixture_engine import Engine, wait_until

PASSWORD = "it's a \"secret\""


@pytest.fixture
def engine():
    one = Engine()
    yield one
    one.close()


def connect(container, **more):
    options = {"host": container.address, "user": "postgres", "password": PASSWORD, "connect_timeout": 2, **more}
    return psycopg2.connect(**options)


def accepts(container, **more):
    try:
        connect(container, **more).close()
        return True
    except psycopg2.OperationalError:
        return False


def answer_of(container, sql, **more):
    connection = connect(container, **more)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def test_postgres_makes_the_user_and_the_database_that_it_is_told(engine):
    postgres = engine.run("postgres", "utr-fixture-postgres:15",
                          {"POSTGRES_USER": "Some User", "POSTGRES_DB": 'some "db"', "POSTGRES_PASSWORD": PASSWORD},
                          Tmpfs={"/var/lib/postgresql/data": ""})
    who = {"user": "Some User", "dbname": 'some "db"'}
    wait_until(lambda: accepts(postgres, **who), 20, "Postgres accepts")
    assert answer_of(postgres, "SHOW server_version", **who).startswith("15.")
    assert answer_of(postgres, "SHOW fsync", **who) == "on"
    assert answer_of(postgres, "SELECT usesuper FROM pg_user WHERE usename = current_user", **who) is True


def test_postgres_over_tcp_wants_the_password(engine):
    postgres = engine.run("postgres", "utr-fixture-postgres:15", {"POSTGRES_PASSWORD": PASSWORD})
    wait_until(lambda: accepts(postgres), 20, "Postgres accepts")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(postgres, password="wrong")


def test_postgres_passes_arguments_on_to_initdb_and_to_the_server(engine):
    postgres = engine.run("postgres", "utr-fixture-postgres:15",
                          {"POSTGRES_PASSWORD": PASSWORD,
                           "POSTGRES_INITDB_ARGS": "--data-checksums --encoding='LATIN1' --locale=C"},
                          command=["-c", "max_connections=33"])
    wait_until(lambda: accepts(postgres), 20, "Postgres accepts")
    assert answer_of(postgres, "SHOW data_checksums") == "on"
    assert answer_of(postgres, "SHOW server_encoding") == "LATIN1"
    assert answer_of(postgres, "SHOW max_connections") == "33"


def test_postgres_runs_the_init_folder_before_anybody_can_connect(engine, tmp_path):
    (tmp_path / "1.sql").write_text("CREATE TABLE seen (n int); INSERT INTO seen VALUES (1); SELECT pg_sleep(1);")
    (tmp_path / "2.sh").write_text('psql -q -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO seen VALUES (2)"')
    (tmp_path / "3.txt").write_text("not for us")
    tmp_path.chmod(0o755)
    postgres = engine.run("postgres", "utr-fixture-postgres:15", {"POSTGRES_PASSWORD": PASSWORD},
                          Binds=[f"{tmp_path}:/docker-entrypoint-initdb.d:ro"])
    # The very first connection that is accepted finds all of it.
    wait_until(lambda: accepts(postgres), 20, "Postgres accepts")
    assert answer_of(postgres, "SELECT sum(n) FROM seen") == 3
    assert "ignoring /docker-entrypoint-initdb.d/3.txt" in postgres.logs()


def test_postgres_with_a_failing_init_script_exits(engine, tmp_path):
    (tmp_path / "1.sql").write_text("SELECT no_such_function();")
    tmp_path.chmod(0o755)
    postgres = engine.run("postgres", "utr-fixture-postgres:15", {"POSTGRES_PASSWORD": PASSWORD},
                          Binds=[f"{tmp_path}:/docker-entrypoint-initdb.d:ro"])
    assert postgres.wait() != 0
    assert "no_such_function" in postgres.logs()


def test_postgres_without_a_password_says_so(engine):
    postgres = engine.run("postgres", "utr-fixture-postgres:15")
    assert postgres.wait() == 1
    assert "POSTGRES_PASSWORD is not set" in postgres.logs()


def test_postgres_keeps_its_cluster_over_a_restart_and_stops_in_order(engine):
    postgres = engine.run("postgres", "utr-fixture-postgres:15", {"POSTGRES_PASSWORD": PASSWORD})
    wait_until(lambda: accepts(postgres), 20, "Postgres accepts")
    system = answer_of(postgres, "SELECT system_identifier FROM pg_control_system()")
    postgres.order("stop")
    assert postgres.state["ExitCode"] == 0
    postgres.order("start")
    wait_until(lambda: accepts(postgres), 20, "Postgres accepts again")
    assert answer_of(postgres, "SELECT system_identifier FROM pg_control_system()") == system


def test_redis_answers_other_containers(engine):
    container = engine.run("redis", "utr-fixture-redis:7")

    def answers():
        try:
            socket.create_connection((container.address, 6379), 1).close()
            return True
        except OSError:
            return False
    wait_until(answers, 10, "Redis accepts")
    client = redis.Redis(container.address)
    assert client.set("key", time.time_ns()) and client.info("server")["redis_version"].startswith("7.")
    container.order("stop")
    assert container.state["ExitCode"] == 0


@pytest.mark.parametrize("image, environment", [("utr-fixture-postgres:15", {"POSTGRES_PASSWORD": PASSWORD}),
                                                ("utr-fixture-redis:7", {})])
def test_the_images_own_health_check_passes(engine, image, environment):
    container = engine.run("service", image, environment)
    test = engine.call_json("GET", f"/images/{image}/json")["Config"]["Healthcheck"]["Test"]
    command = ["/bin/sh", "-c", *test[1:]] if test[0] == "CMD-SHELL" else test[1:]
    wait_until(lambda: container.execute(*command) == 0, 20, "the health check passes")
