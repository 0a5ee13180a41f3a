"""Services that cannot come up, that die, and that run out of memory or disk."""

import socket
import time

import weather

NONE = "registry.invalid/none:1"


def test_an_image_that_is_missing_and_cannot_be_pulled(project):
    run = project.service("redis", image=NONE).run()
    run.expect(4, "redis", NONE, "pull")
    assert run.seconds < 40


def test_never_pull_with_an_image_that_is_missing(project):
    run = project.service("redis", image=NONE).run("--docker-pull-policy", "never")
    run.expect(4, NONE, "never", "pull")
    assert run.seconds < weather.SOON


def test_a_build_that_fails(project):
    project.script("ctx/Dockerfile", "FROM utr-base:bookworm\nRUN echo the compiler broke >&2 && exit 9\n")
    run = project.service("redis", build="./ctx").run()
    run.expect(4, "redis", "build", "exit 9")


def test_a_build_whose_dockerfile_is_missing(project):
    (project.root / "ctx").mkdir()
    project.service("redis", build="./ctx").run().expect(4, "redis", "Dockerfile")


def test_a_port_that_is_taken_on_loopback(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        project.service("redis", **weather.REDIS, ports=[f"{port}:6379"])
        project.suite("honest", f'./talk && [[ ${{REDIS##*:}} != {port} ]]')
        project.run().expect(0, "PROVEN")


def test_a_health_check_that_never_passes(project):
    project.service("redis", start="3s", image="utr-fixture-redis:7", healthcheck={"test": ["CMD-SHELL", "echo not yet; exit 1"]})
    project.run().expect(4, "redis", "not yet", "Ready to accept connections")


def test_a_health_check_that_hangs(project):
    project.service("redis", start="3s", image="utr-fixture-redis:7", healthcheck={"test": ["CMD", "sleep", "600"]})
    project.run().expect(4, "redis")


def test_a_port_that_never_accepts(project):
    project.service("redis", start="2s", image="utr-base:bookworm", command=["sleep", "600"], ports=["6379"])
    project.run().expect(4, "redis", "6379")


def test_a_container_that_exits_at_once(project):
    project.service("redis", image="utr-base:bookworm", command=["sh", "-c", "echo no configuration file >&2; exit 78"], ports=["6379"])
    run = project.run().expect(4, "redis", "78", "no configuration file")
    assert run.seconds < 20


def test_a_command_that_the_container_does_not_have(project):
    project.service("redis", image="utr-base:bookworm", command=["no-such-program"], ports=["6379"])
    project.run().expect(4, "redis", "no-such-program")


def test_a_service_that_is_killed_under_its_suites_ends_the_run(project):
    project.suite("waits", "./talk; touch running; sleep 60")
    run = project.start()
    project.await_file("running")
    weather.engine("POST", f"/containers/{project.containers('redis')[0]['Id']}/kill")
    killed = time.monotonic()
    run.end().expect(4, "redis", "ready to accept connections")
    assert run.ended - killed < 4, f"{run.ended - killed:.1f} s from the kill to the end"


def test_a_service_that_exits_under_its_suites_ends_the_run(project):
    project.suite("stops", 'exec 3<>"/dev/tcp/${REDIS%:*}/${REDIS#*:}"; printf "SHUTDOWN NOSAVE\\r\\n" >&3; sleep 60')
    run = project.run().expect(4, "redis", "exit")
    assert run.seconds < 30


def test_a_service_that_is_not_critical_may_die(project):
    project.service("redis").service("extra", critical=False, **weather.REDIS)
    project.suite("waits", "./talk; touch running; sleep 3")
    project.suites[0]["evidence"] = {"redis": {"scope": "suite", "exchanges": 1}}
    run = project.start()
    project.await_file("running")
    weather.engine("POST", f"/containers/{project.containers('extra')[0]['Id']}/kill")
    run.end().expect(0, "PROVEN")


def test_a_service_that_is_out_of_memory(project):
    project.service("redis", **weather.REDIS, mem_limit="24m", memswap_limit="24m")
    project.suite("fills", """
exec 3<>"/dev/tcp/${REDIS%:*}/${REDIS#*:}"
printf 'SETRANGE big 200000000 x\\r\\nGET big\\r\\n' >&3
timeout 20 cat <&3 >/dev/null
sleep 20""")
    project.run().expect(4, "redis", "memory")


def test_a_service_whose_disk_is_full(project):
    project.service("redis", **weather.REDIS, tmpfs=["/data:size=64k"], user="root",
                    command=["redis-server", "--bind", "*", "--protected-mode", "no", "--dir", "/data", "--appendonly", "yes"])
    project.suite("writes", """
exec 3<>"/dev/tcp/${REDIS%:*}/${REDIS#*:}"
for ((i = 0; i < 40; i++)); do
  printf '*3\\r\\n$3\\r\\nSET\\r\\n$5\\r\\nkey%02d\\r\\n$4096\\r\\n%4096d\\r\\n' "$i" "$i" >&3
  read -r -t 5 answer <&3 || { echo 'redis is gone'; exit 1; }
  [[ $answer == +OK* ]] || { echo "redis said: $answer"; exit 1; }
  sleep 0.05
done""")
    run = project.run()
    assert run.code in (1, 4), run.out
    run.expect(run.code, "redis", "No space left")


def test_an_image_whose_disk_is_full_at_the_start(project):
    project.service("redis", image="utr-base:bookworm", tmpfs=["/data:size=16k"], ports=["6379"],
                    command=["sh", "-c", "dd if=/dev/zero of=/data/file bs=64k count=1 && sleep 600"])
    project.run().expect(4, "redis", "No space left")


