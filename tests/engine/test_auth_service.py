"""The auth service's contract, against the real service with a real Postgres and Redis behind it."""
import base64
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg2
import pytest
import redis

from fixture_engine import Engine, wait_until

PASSWORD = "correct horse"
DATABASE = {"POSTGRES_USER": "auth", "POSTGRES_PASSWORD": "secret", "POSTGRES_DB": "auth"}


class Client:
    def __init__(self, address):
        self.address = address

    def call(self, method, path, body=None, token=None, raw=None, kind="application/json", headers=None):
        connection = http.client.HTTPConnection(self.address, 8000, timeout=10)
        headers = dict(headers or {})
        data = raw if raw is not None else json.dumps(body) if body is not None else None
        if data is not None and kind:
            headers["Content-Type"] = kind
        if token:
            headers["Authorization"] = f"Bearer {token}"
        started = time.monotonic()
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return SimpleNamespace(status=response.status, headers=response.headers, seconds=time.monotonic() - started,
                               json=json.loads(text) if text else None)

    def post(self, path, **body):
        return self.call("POST", path, body)

    def is_ready(self):
        try:
            return self.call("GET", "/ready").status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def stack():
    engine = Engine()
    try:
        postgres = engine.run("postgres", "utr-fixture-postgres:15", DATABASE, Tmpfs={"/var/lib/postgresql/data": ""})
        cache = engine.run("redis", "utr-fixture-redis:7")
        auth = engine.run("auth", "utr-fixture-auth:1", {
            "DATABASE_URL": "postgresql://auth:secret@postgres:5432/auth",
            "REDIS_URL": "redis://redis:6379/0",
            "JWT_SECRET_KEY": "a-key-for-tests-of-at-least-32-bytes",
        })
        client = Client(auth.address)
        wait_until(client.is_ready, 20, "the service is ready")
        yield SimpleNamespace(postgres=postgres, redis=cache, auth=auth, client=client)
    finally:
        engine.close()


@pytest.fixture
def client(stack):
    return stack.client


@pytest.fixture
def account(client):
    email = f"user-{time.time_ns()}@example.test"
    made = client.post("/register", email=email, password=PASSWORD)
    assert made.status == 201
    return SimpleNamespace(email=email, id=made.json["user_id"])


@pytest.fixture
def tokens(client, account):
    answer = client.post("/login", email=account.email, password=PASSWORD)
    assert answer.status == 200
    return SimpleNamespace(access=answer.json["access_token"], refresh=answer.json["refresh_token"], **vars(account))


def refused(answer, status, code):
    assert (answer.status, answer.json["error"]) == (status, code)
    assert answer.json["message"]


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_login_gives_tokens_that_verify(client, tokens):
    answer = client.call("GET", "/verify", token=tokens.access)
    assert answer.status == 200
    assert answer.json == {"user_id": tokens.id, "email": tokens.email, "expires_at": claims(tokens.access)["exp"]}
    assert claims(tokens.access)["sub"] == str(tokens.id)


def test_an_email_registers_once_in_any_case(client, account):
    refused(client.post("/register", email=account.email.upper(), password=PASSWORD), 409, "email_taken")


def test_sixteen_registrations_at_once_make_one_user(client):
    email = f"race-{time.time_ns()}@example.test"
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: client.post("/register", email=email, password=PASSWORD), range(16)))
    assert sorted(a.status for a in answers) == [201] + [409] * 15


@pytest.mark.parametrize("email", ["", "x", "a@b", "@b.test", "a b@c.test", "a@b..test", "a\"'@b.test",
                                   "x" * 250 + "@b.test"])
def test_what_is_no_email_does_not_register(client, email):
    refused(client.post("/register", email=email, password=PASSWORD), 422, "invalid_fields")


@pytest.mark.parametrize("password", ["7 chars", "äöüßäöü", "x" * 1025, 12345678, None])
def test_a_password_that_will_not_do_does_not_register(client, password):
    refused(client.post("/register", email="a@b.test", password=password), 422, "invalid_fields")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'{"email": 1, "email": 2}', b"\xff\xfe", b"x" * 16384])
def test_what_is_no_json_object_is_refused(client, raw):
    refused(client.call("POST", "/login", raw=raw), 400, "bad_json")


@pytest.mark.parametrize("path, body, field", [("/register", {"email": "a@b.test"}, "password"),
                                               ("/login", {"password": PASSWORD}, "email"),
                                               ("/refresh", {}, "refresh_token")])
def test_a_missing_field_is_named(client, path, body, field):
    answer = client.call("POST", path, body)
    refused(answer, 400, "missing_field")
    assert field in answer.json["message"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/jsonx"])
def test_a_body_that_is_not_called_json_is_refused(client, kind):
    refused(client.call("POST", "/login", raw="{}", kind=kind), 415, "unsupported_media_type")


@pytest.mark.parametrize("size", [16385, 900_000])
def test_a_body_over_sixteen_kib_is_refused(client, size):
    refused(client.call("POST", "/login", raw="x" * size), 413, "body_too_large")


def test_a_body_that_would_be_huge_is_refused_before_it_is_sent(client):
    refused(client.call("POST", "/login", raw="", headers={"Content-Length": "99999999"}), 413, "body_too_large")


@pytest.mark.parametrize("method, path, allow", [("GET", "/login", "POST"), ("DELETE", "/verify", "GET, HEAD"),
                                                 ("PUT", "/health", "GET, HEAD"), ("GET", "/logout", "POST")])
def test_a_wrong_method_learns_the_right_one(client, method, path, allow):
    answer = client.call(method, path)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allow


def test_an_unknown_path_is_not_found(client):
    refused(client.call("GET", "/verify/more"), 404, "not_found")


def test_a_missing_token_is_told_from_a_wrong_one(client, tokens):
    answer = client.call("GET", "/verify")
    refused(answer, 401, "missing_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    refused(client.call("GET", "/verify", token="nonsense"), 401, "invalid_token")
    refused(client.call("GET", "/verify", token=tokens.refresh), 401, "invalid_token")


def test_a_token_without_signature_is_refused(client, tokens):
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    refused(client.call("GET", "/verify", token=f"{head}.{tokens.access.split('.')[1]}."), 401, "invalid_token")


def test_a_refresh_token_is_spent_once_even_by_sixteen_at_once(client, tokens):
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: client.post("/refresh", refresh_token=tokens.refresh), range(16)))
    assert sorted(a.status for a in answers) == [200] + [401] * 15
    refused(client.post("/refresh", refresh_token=tokens.refresh), 401, "revoked_token")


def test_logout_revokes_both_tokens(client, tokens):
    assert client.call("POST", "/logout", {"refresh_token": tokens.refresh}, tokens.access).status == 204
    refused(client.call("GET", "/verify", token=tokens.access), 401, "revoked_token")
    refused(client.post("/refresh", refresh_token=tokens.refresh), 401, "revoked_token")


def test_a_logout_with_a_wrong_refresh_token_changes_nothing(client, tokens):
    refused(client.call("POST", "/logout", {"refresh_token": "junk"}, tokens.access), 401, "invalid_token")
    assert client.call("GET", "/verify", token=tokens.access).status == 200


def test_twenty_wrong_logins_at_once_do_not_slip_past_the_limit(client, account):
    def attempt(_):
        return client.post("/login", email=account.email, password="wrong horse")
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(attempt, range(20)))
    assert sorted(a.status for a in answers) == [401] * 5 + [429] * 15
    right = client.post("/login", email=account.email, password=PASSWORD)
    refused(right, 429, "too_many_failures")
    assert 1 <= int(right.headers["Retry-After"]) <= 60


def test_postgres_holds_an_argon2id_hash_and_redis_expiring_keys(stack, client, tokens):
    with psycopg2.connect(host=stack.postgres.address, user="auth", password="secret", dbname="auth") as database:
        with database.cursor() as cursor:
            cursor.execute("SELECT email, password_hash FROM auth_users WHERE id = %s", (tokens.id,))
            email, stored = cursor.fetchone()
    assert email == tokens.email and stored.startswith("$argon2id$")
    cache = redis.Redis(stack.redis.address)
    access = claims(tokens.access)
    assert cache.get(f"auth:session:{access['jti']}") == str(tokens.id).encode()
    assert 0 < cache.ttl(f"auth:session:{access['jti']}") <= 900
    client.call("POST", "/logout", token=tokens.access)
    assert cache.exists(f"auth:session:{access['jti']}") == 0
    assert 0 < cache.ttl(f"auth:revoked:{access['jti']}") <= 900
    client.post("/login", email=tokens.email, password="wrong horse")
    assert cache.get(f"auth:failed:{tokens.email}") == b"1"
    assert 0 < cache.ttl(f"auth:failed:{tokens.email}") <= 60


@pytest.mark.parametrize("lost, other", [("postgres", "redis"), ("redis", "postgres")])
@pytest.mark.parametrize("way, back", [("stop?t=1", "start"), ("pause", "unpause")])
def test_readiness_names_what_is_lost_and_comes_back(stack, client, lost, other, way, back):
    container = getattr(stack, lost)
    container.order(way)
    try:
        answer = client.call("GET", "/ready")
        assert (answer.status, answer.json[lost], answer.json[other]) == (503, "failed", "ok")
        assert answer.seconds < 3
        assert client.call("GET", "/health").seconds < 0.5
        assert stack.auth.execute("auth-service", "--probe", "/ready") == 1
        refused(client.post("/login", email="a@b.test", password=PASSWORD), 503, "unavailable")
    finally:
        container.order(back)
    wait_until(client.is_ready, 10, "ready again")
    assert stack.auth.execute("auth-service", "--probe", "/ready") == 0
    assert client.post("/register", email=f"{time.time_ns()}@b.test", password=PASSWORD).status == 201


def test_sigterm_lets_a_running_login_finish(stack, client, account):
    answers = []
    login = threading.Thread(
        target=lambda: answers.append(client.post("/login", email=account.email, password=PASSWORD)))
    login.start()
    time.sleep(0.03)  # the login is at its Argon2 now, which takes twice that
    stack.auth.order("kill", "?signal=SIGTERM")
    assert stack.auth.wait() == 0
    login.join()
    assert [a.status for a in answers] == [200]
    stack.auth.order("start")
    wait_until(Client(stack.auth.address).is_ready, 10, "ready after a restart")


def test_wrong_settings_are_all_named():
    engine = Engine()
    try:
        auth = engine.run("auth", "utr-fixture-auth:1", {"REDIS_URL": "http://redis", "PORT": "99999"})
        assert auth.wait() == 2
        said = auth.logs()
        assert all(name in said for name in ("DATABASE_URL", "JWT_SECRET_KEY", "REDIS_URL", "PORT"))
    finally:
        engine.close()
