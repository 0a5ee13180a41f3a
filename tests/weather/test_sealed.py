"""Sealed suites: their services at their own names and ports, and nothing else."""

import http.server
import json
import socket
import threading

import pytest

import weather

# One command over a socket of bash's own; $1 the host, $2 the port.
ASK = """ask() { exec 3<>"/dev/tcp/$1/$2" || return 1; printf '*3\\r\\n$3\\r\\nSET\\r\\n$4\\r\\nseen\\r\\n$1\\r\\n1\\r\\n' >&3
read -r -t 5 answer <&3; exec 3<&-; [[ $answer == +OK* ]]; }
"""
# The kernel lets a namespace of users limit what is made in it.
NO_NAMESPACES = ("unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"', "sh")


def sealed(project):
    project.category["isolation"] = "sealed"
    return project


def facts(project, kind):
    lines = (project.root / ".utr/last/journal.jsonl").read_text().splitlines()
    return [fact for fact in map(json.loads, lines) if fact["kind"] == kind]


def test_services_are_at_their_names_and_ports(project):
    project.services["redis"] = {**weather.REDIS, "ports": ["16379:6379"], "container_name": "the-redis-" + project.name,
                                 "networks": {"default": {"aliases": ["cache"]}}}
    for name, place in {"name": "redis 6379", "variable": "${REDIS%:*} ${REDIS#*:}", "localhost": "localhost 6379",
                        "loopback": "127.0.0.1 6379", "ipv6": "::1 6379", "published": "localhost 16379", "alias": "cache 6379",
                        "container": f"the-redis-{project.name} 6379"}.items():
        project.suite(name, ASK + f"echo {place} $REDIS; ask {place}")
    sealed(project).run("--workers", "3").expect(0, "PROVEN")
    assert {fact["state"] for fact in facts(project, "suite-start")} == {"sealed"}


def test_open_suites_are_as_they_were(project):
    project.suite("name", ASK + "! ask redis 6379 2>&1 && ./talk")
    project.run().expect(0)
    assert {fact["state"] for fact in facts(project, "suite-start")} == {"open"}


def test_a_stray_service_on_the_machine_cannot_answer(project):
    """What listens on the machine's loopback is not there inside."""
    stray = socket.create_server(("127.0.0.1", 0))
    answered = []

    def serve():
        while True:
            try:
                client, _ = stray.accept()
            except OSError:
                return
            answered.append(client.recv(100))
            client.sendall(b"+OK\r\n")
            client.close()

    threading.Thread(target=serve, daemon=True).start()
    project.suite("stray", ASK + f"./talk; ask 127.0.0.1 {stray.getsockname()[1]}")
    sealed(project).run().expect(1, "stray")
    stray.close()
    assert not answered


def test_where_a_test_wanted_to_go_is_told(project):
    project.suite("away", "./talk; timeout 5 bash -c 'exec 3<>/dev/tcp/10.1.2.3/6379'; timeout 5 bash -c 'exec 3<>/dev/tcp/api.example.com/443'; true")
    sealed(project).run().expect(0, "10.1.2.3:6379", "api.example.com:443")
    away = {fact["address"]: fact for fact in facts(project, "elsewhere")}
    assert away["10.1.2.3:6379"]["test"] == "away" and away["10.1.2.3:6379"]["count"] >= 1
    assert "api.example.com:443" in away


def test_each_process_has_a_network_of_its_own(project):
    project.script("test.sh", "#!/bin/bash\n" + ASK + "ask redis 6379 || exit 1; [[ $1 != two ]] || exit 0; ask localhost 6379\n")
    project.suites.append({"name": "each", "list": ["printf", "one\ntwo\nthree\n"], "select": ["./test.sh", "{test}"],
                           "format": "exit", "workers": 3, "timeout": "30s"})
    run = sealed(project).run("--workers", "3").expect(0)
    tests = run.report()["suites"][0]["tests"]
    assert {test["id"]: test["evidence"]["redis"]["writes"] for test in tests} == {"one": 2, "two": 1, "three": 2}


def test_a_machine_that_cannot_seal_says_so_and_goes_on_open(project):
    run = sealed(project).run(prefix=NO_NAMESPACES).expect(0, "not sealed", "max_net_namespaces")
    assert {fact["state"] for fact in facts(project, "suite-start")} == {"open"}
    assert run.out.count("not sealed") == 1


def test_asked_for_by_word_it_ends_before_anything_starts(project):
    project.run("--isolation", "sealed", prefix=NO_NAMESPACES).expect(2, "--isolation sealed", "max_net_namespaces")
    assert not (project.root / ".utr").exists()


def test_asked_for_open_it_is_open(project):
    sealed(project).run("--isolation", "open").expect(0)
    assert {fact["state"] for fact in facts(project, "suite-start")} == {"open"}


def test_asked_for_sealed_an_open_category_is_sealed(project):
    project.suite("name", ASK + "ask redis 6379")
    project.run("--isolation", "sealed").expect(0)


@pytest.mark.parametrize("how", ["hangs", "crashes", "daemon"])
def test_what_a_sealed_suite_leaves_is_ended(project, how):
    script = {"hangs": "sleep 300 & sleep 300", "crashes": "sleep 300 & kill -SEGV $$", "daemon": "setsid sleep 300 & sleep 0.2"}[how]
    project.suite(how, "./talk; " + script, timeout="2s")
    run = sealed(project).run()
    run.expect(0 if how == "daemon" else 1, how)
    assert run.seconds < 20


# ---- what lies outside and is declared

OUTSIDE = """#!/usr/bin/python3
import http.client, os, sys, urllib.parse
proxy = urllib.parse.urlparse(os.environ["HTTPS_PROXY"])
assert os.environ["https_proxy"] == os.environ["HTTP_PROXY"] == os.environ["http_proxy"] == os.environ["HTTPS_PROXY"]
assert os.environ["ALL_PROXY"].startswith("socks5h://") and "redis" in os.environ["NO_PROXY"].split(",")
one = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=10)
one.set_tunnel(sys.argv[1], int(sys.argv[2]))
one.request("GET", "/v1/items")
print(one.getresponse().read())
"""


@pytest.fixture
def outside():
    """A server on the machine that no compose file knows; its port, and what it was asked."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"items")

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("isolation", ["sealed", "open"])
def test_what_is_declared_is_reached_through_a_proxy_that_watches(project, outside, isolation):
    port, asked = outside
    project.category.update(isolation=isolation, external=[f"localhost:{port}"])
    project.script("outside", OUTSIDE)
    project.suite("both", f"./talk; ./outside localhost {port}", evidence={"redis": {}, f"localhost:{port}": {"exchanges": 1}})
    project.run().expect(0)
    assert asked == ["/v1/items"]
    evidence = {fact["service"]: fact for fact in facts(project, "evidence") if fact["state"] == "test"}
    assert evidence[f"localhost:{port}"]["bytes_received"] > 0 and evidence["redis"]["writes"] == 1


@pytest.mark.parametrize("isolation", ["sealed", "open"])
def test_the_proxy_lets_nothing_else_pass_and_says_what_was_tried(project, outside, isolation):
    port, asked = outside
    project.category.update(isolation=isolation, external=["api.example.com:443"])
    project.script("outside", OUTSIDE)
    project.suite("away", f"./talk; ! ./outside localhost {port}")
    project.run().expect(0, f"localhost:{port}")
    assert not asked
    assert [fact["test"] for fact in facts(project, "elsewhere") if fact["address"] == f"localhost:{port}"] == ["away"]


def test_without_a_declaration_there_is_no_proxy(project):
    project.suite("none", './talk; [[ -z $HTTPS_PROXY$https_proxy$ALL_PROXY ]]')
    sealed(project).run(env={name: "" for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")}).expect(0)
