"""Manifests and command lines that are wrong: all is told at once, and nothing starts."""

import pytest

import weather


def test_ten_faults_are_told_at_once(project):
    project.write()
    (project.root / "categories" / f"{project.name}.yaml").write_text(f"""
category: {project.name}
priority: urgent
timeout: soon
real_services: maybe
colour: blue
compose: ../compose.yaml
services:
  redis:
    critical: perhaps
environment:
  REDIS: ${{rediss:6379}}
suites:
  - name: first
    run: []
    format: pytset
    timeout: -1s
  - name: first
    run: [./talk]
    format: exit
    evidence:
      mysql: {{ scope: galaxy }}
minimum_tests: many
waivers:
  - {{ suite: other, test: "*", rule: no-evidense }}
""")
    run = project.run().expect(2, "urgent", "critical", "soon", "maybe", "colour", "perhaps", "rediss", "pytset", "pytest",
                               "mysql", "many", "galaxy", "no-evidense", "no-evidence")
    faults = [line for line in run.out.splitlines() if f"{project.name}.yaml:" in line]
    assert len(faults) >= 10, run.out
    assert all(part.isdigit() for line in faults for part in line.split(".yaml:")[1].split(":")[:2]), run.out
    assert not project.has_file(".utr/last")
    assert run.seconds < 4


def test_a_manifest_that_is_no_yaml(project):
    project.write()
    (project.root / "categories" / f"{project.name}.yaml").write_text("category: [unclosed\n")
    project.run().expect(2, f"{project.name}.yaml:")


def test_a_compose_file_that_is_missing(project):
    project.write()
    (project.root / "compose.yaml").unlink()
    project.run().expect(2, "compose.yaml", "nothing is at")


def test_a_service_that_the_compose_file_does_not_have(project):
    project.service("redis").write()
    (project.root / "compose.yaml").write_text("services: {redis-test: {image: 'utr-fixture-redis:7'}}\n")
    project.run().expect(2, "redis", "did you mean 'redis-test'")


def test_services_that_wait_for_each_other(project):
    project.service("redis", **weather.REDIS, depends_on=["other"])
    project.services["other"] = {**weather.REDIS, "depends_on": ["redis"]}
    run = project.run()
    assert run.code == 2, run.out
    run.expect(2, "other", "redis")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--category", "mission_critcal"], ["mission_critcal"]),
        (["--real-service"], ["--real-service", "--real-services"]),
        (["--workers", "0"], ["--workers"]),
        (["--env", "prod"], ["prod", "production"]),
        (["--docker-pull-policy", "sometimes"], ["sometimes", "missing"]),
        (["--pattern"], ["--pattern"]),
    ],
)
def test_wrong_arguments(project, arguments, words):
    run = project.run(*arguments).expect(2, *words)
    assert not project.has_file(".utr/last"), run.out


def test_an_unknown_category_gets_the_nearest_name(project):
    project.run("--category", project.name[:-1] + "-").expect(2, project.name)


def test_a_pattern_that_fits_nothing(project):
    project.run("--pattern", "no_such_*").expect(2, "no_such_*", "pattern")


def test_a_root_that_is_not_there(project):
    project.root = project.root / "none"
    project.root.mkdir()
    (project.root / "categories").mkdir()
    project.run().expect(2, "categories")


def test_services_that_are_required_and_not_asked_for(project):
    run = project.run(command=("--progress-mode", "simple")).expect(3, "--real-services")
    assert run.seconds < 4
