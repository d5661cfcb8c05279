"""compose.yaml and Containerfile run what the units of deploy/ run, as nobody of note, on a root that nothing writes."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from django.conf import settings

from tests.pole.test_nginx import PROGRAM
from tests.pole.test_release import PRODUCTION

DEPLOY = settings.BASE_DIR / "deploy"
COMPOSE = (settings.BASE_DIR / "compose.yaml").read_text(encoding="utf-8")
CONTAINERFILE = (settings.BASE_DIR / "Containerfile").read_text(encoding="utf-8")
SHARED, _rest = COMPOSE.split("\nservices:\n")
SERVICES = dict(re.findall(r"^  (\w+):\n((?:(?:    .*)?\n)+)", _rest.split("\nnetworks:\n")[0], re.MULTILINE))
PORTAL = {"migrate", "web", "worker", "backup"}


def whole(name):
    """A service, with what it shares."""
    return (SHARED if "<<: *portal" in SERVICES[name] else "") + SERVICES[name]


def command(name):
    (words,) = re.findall(r"^    command: (\[.*\])$", SERVICES[name], re.MULTILINE)
    return json.loads(words)


def test_services_are_those_of_a_server():
    assert set(SERVICES) == PORTAL | {"database", "proxy"}
    assert {name for name in SERVICES if "<<: *portal" in SERVICES[name]} == PORTAL


@pytest.mark.parametrize("name", ["web", "worker", "backup"])
def test_each_process_is_that_of_its_unit(name):
    """But that a container is reached by its own address."""
    (unit, *_others) = [*DEPLOY.glob(f"pole-{name}.service"), *DEPLOY.glob(f"pole-{name}@.service")]
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    line = re.sub(r"/srv/pole/(?:web/%i|current)/", "/srv/pole/portal/", line).replace("%i", "8000")
    assert command(name) == line.replace("127.0.0.1", "0.0.0.0").split()


def test_image_alone_is_the_web_service():
    (words,) = re.findall(r"^CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert json.loads(words) == command("web")
    threads = re.search(r"GRANIAN_BLOCKING_THREADS=(\d+)", CONTAINERFILE)[1]
    units = "".join(path.read_text(encoding="utf-8") for path in DEPLOY.glob("pole-web*.service"))
    assert f"GRANIAN_BLOCKING_THREADS={threads}\n" in units


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_root_nor_writes_but_where_it_must(name):
    service = whole(name)
    (user,) = re.findall(r'^ +user: "(\d+):\d+"$', service, re.MULTILINE)
    assert int(user) > 0
    assert re.search(r"^ +read_only: true$", service, re.MULTILINE)
    assert re.search(r'^ +cap_drop: \["ALL"\]$', service, re.MULTILINE)
    assert re.search(r'^ +security_opt: \["no-new-privileges:true"\]$', service, re.MULTILINE)
    assert re.search(r"^ +restart: ", service, re.MULTILINE)
    assert "privileged: true" not in service
    if name in {"web", "database", "proxy"}:
        assert "healthcheck:" in service
    assert ("ports:" in service) == (name == "proxy")


def test_images_are_of_a_version():
    images = re.findall(r"^ +image: (\S+)", COMPOSE, re.MULTILINE)
    assert len(images) == 3
    assert all(re.search(r":(?:\$\{POLE_VERSION|\d+\.\d+)", image) for image in images)
    assert "latest" not in COMPOSE + CONTAINERFILE
    assert re.search(r"^USER 990:990$", CONTAINERFILE, re.MULTILINE)
    assert 'user: "990:990"' in SHARED


def test_client_of_the_database_is_of_its_version():
    """pg_dump refuses a server that is newer: Debian 13 has 17."""
    assert "postgres:17." in COMPOSE
    assert "trixie" in re.search(r"^ARG BASE=(.*)$", CONTAINERFILE, re.MULTILINE)[1]


def test_machines_of_the_keys_of_votes_are_one():
    assert "  hostname: pole\n" in SHARED


@pytest.fixture
def prepared(tmp_path):
    for name in ("nginx.conf", "containers/prepare", "containers/nginx-main.conf"):
        path = tmp_path / "deploy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((DEPLOY / name).read_bytes())
    command = ["sh", tmp_path / "deploy/containers/prepare", "hub.example"]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path / "deploy/containers", command


def test_what_compose_reads_is_prepared_once(prepared):
    folder, command = prepared
    given = dict(line.split("=", 1) for line in (folder / "pole.env").read_text().splitlines())
    assert set(given) >= set(PRODUCTION) - {"POLE_PRODUCTION"}
    assert len(given["SECRET_KEY"]) > 60
    assert given["BASE_URL"] == "https://hub.example"
    assert (folder / "pole.env").stat().st_mode & 0o077 == 0
    before = (folder / "pole.env").read_bytes()
    subprocess.run(command, check=True, capture_output=True)
    assert (folder / "pole.env").read_bytes() == before
    ignored = (DEPLOY / "containers/.gitignore").read_text().split()
    assert {"pole.env", "site.conf", "tls/"} == set(ignored)
    assert {
        "deploy/containers/pole.env",
        "deploy/containers/tls",
    } <= set((settings.BASE_DIR / ".containerignore").read_text().split())


@pytest.mark.any_hour("a certificate of two days, by the machine’s clock")
def test_nginx_takes_its_configuration(prepared, tmp_path):
    folder, _command = prepared
    tls = folder / "tls"
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hub.example -keyout {tls}/privkey.pem -out {tls}/fullchain.pem"
    subprocess.run(make.split(), check=True, capture_output=True)
    (folder / "site.conf").write_text(
        (folder / "site.conf").read_text()
        .replace("/etc/pole/tls", str(tls)).replace("/var/cache/nginx", str(tmp_path)).replace("//web:8000", "//127.0.0.1:8000")
    )  # fmt: skip
    main = (folder / "nginx-main.conf").read_text()
    main = main.replace("/tmp/", f"{tmp_path}/").replace("/etc/pole/", f"{folder}/")
    (folder / "main.conf").write_text(main)
    done = subprocess.run(
        [PROGRAM, "-t", "-c", folder / "main.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "site.conf").read_text().count("server_name hub.example;") == 2
