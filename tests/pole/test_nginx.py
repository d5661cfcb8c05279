"""The nginx of deploy, before a real portal: what it shows while the portal can't be reached."""

from __future__ import annotations

import gzip
import os
import re
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import brotli
import psycopg
import pytest
from django.db import connection

from blog.models import Post
from tests.bench import serving
from tests.factories import ForumFactory, PageFactory, PostFactory
from tests.pole.test_release import PRODUCTION
from tests.waiting import PATIENCE_SECONDS, free_port

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("starts real servers, whose clock is the machine’s"),
]
CONFIGURATION = serving.ROOT / "deploy" / "nginx.conf"
# Where Debian puts it; most people have no such folder in their PATH.
PROGRAM = "/usr/sbin/nginx"
STOPPED = 502


class Nginx:
    def __init__(self, port: int, portal: subprocess.Popen[bytes]) -> None:
        self.port, self.portal = port, portal

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        asking = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            asking.request(method, path, headers={"Host": "localhost"} | headers)
            answer = asking.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            asking.close()

    def stop_portal(self) -> None:
        os.killpg(self.portal.pid, signal.SIGKILL)
        self.portal.wait()


def configuration(
    folder: Path,
    port: int,
    portal: int,
    ten_minutes: str = ".{15}",
    *,
    level: str = "error",
    listen: str = "",
    **other: str,
) -> str:
    """That of deploy, on these ports and in this folder; `other`: what replaces a directive's value."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for written, here in (
        ("listen 80;", listen or f"listen 127.0.0.1:{port};"),
        ("server_name portail.exemple.ca;", "server_name localhost;"),
        ("/var/cache/nginx/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/srv/pole/var/", f"{folder}/"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{portal}"),
        (".{15}", ten_minutes),
    ):
        assert written in text
        text = text.replace(written, here)
    for directive, value in other.items():
        text, count = re.subn(rf"\b{directive} [^;]+;", f"{directive} {value};", text)
        assert count, directive
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/start.log {level};\nworker_processes 1;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\ninclude /etc/nginx/mime.types;\n{temporary}{text}\n}}\n"
    )


@contextmanager
def started(folder: Path, text: str) -> Iterator[subprocess.Popen[bytes]]:
    file = folder / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    process = subprocess.Popen([PROGRAM, "-p", str(folder), "-c", str(file)])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@pytest.fixture
def before_portal(tmp_path):
    """Starts the portal on the database of this test, and nginx before it."""

    @contextmanager
    def start(ten_minutes=".{15}", kept_mib=0, production=None, listen=""):
        at = connection.settings_dict
        url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
        environment = {"DATABASE_URL": url, "POLE_VAR": str(tmp_path), "BASE_URL": "http://localhost"}
        # What the portal itself keeps is seldom what is tested.
        environment["POLE_KEPT_MIB"] = str(kept_mib)
        environment |= production or {}
        with serving.served_process(serving.PORTAL, environment, workers=1) as (portal, process):
            port = free_port()
            text = configuration(tmp_path, port, portal, ten_minutes, listen=listen.format(port=port))
            with started(tmp_path, text) as nginx:
                serving.wait_until_it_answers(port, nginx)
                yield Nginx(port, process)

    return start


@pytest.fixture
def paths():
    return {
        "post": PostFactory().get_absolute_url(),
        "page": PageFactory().get_absolute_url(),
        "directory": "/repertoire/",
        "forum": ForumFactory().get_absolute_url(),
        "home": "/",
        "sign in": "/compte/connexion/",
        "health": "/healthz",
    }


def test_posts_pages_and_listings_alone_are_shown_while_the_portal_is_away(before_portal, paths):
    with before_portal() as nginx:
        before = {name: nginx.get(path) for name, path in paths.items()}
        assert {name: answer[0] for name, answer in before.items()} == dict.fromkeys(paths, 200)
        assert all("x-accel-expires" not in answer[1] for answer in before.values())
        unchanged = nginx.get(paths["post"], **{"If-None-Match": before["post"][1]["etag"]})
        assert unchanged[0] == 304
        nginx.stop_portal()
        after = {name: nginx.get(path) for name, path in paths.items()}
        shown = {name for name, answer in after.items() if answer[0] == 200}
        assert shown == {"post", "page", "directory"}
        assert {name: after[name][2] for name in shown} == {name: before[name][2] for name in shown}
        assert nginx.get(paths["post"], Cookie="session=x")[0] == STOPPED
        assert nginx.get(paths["post"], "POST")[0] == STOPPED


def test_each_request_is_asked_of_the_portal_first(before_portal, paths):
    with before_portal() as nginx:
        assert b"Un autre titre" not in nginx.get(paths["post"])[2]
        Post.objects.update(title="Un autre titre")
        assert b"Un autre titre" in nginx.get(paths["post"])[2]
        Post.objects.update(published_at=None)
        assert nginx.get(paths["post"])[0] == 404
        nginx.stop_portal()
        assert nginx.get(paths["post"])[0] == 404


def test_refusal_of_the_portal_is_passed_on(before_portal, paths):
    """It alone knows whether what nginx stored is still right."""
    with before_portal() as nginx:
        assert nginx.get(paths["post"])[0] == 200
        name = connection.settings_dict["NAME"]
        with psycopg.connect(
            **connection.get_connection_params() | {"dbname": "postgres"}, autocommit=True
        ) as server:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                assert nginx.get(paths["post"])[0] == 503
            finally:
                server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
                connection.close()


def test_what_was_stored_is_not_shown_in_the_next_ten_minutes(before_portal, paths):
    with before_portal(ten_minutes=".{19}") as nginx:
        nginx.get(paths["post"])
        nginx.stop_portal()
        time.sleep(1.2)
        assert nginx.get(paths["post"])[0] == STOPPED


CSS, SCRIPT = b"a { b: c }\n" * 200, b"void 0;\n" * 200


@pytest.fixture
def static_files(tmp_path):
    """Compressed as `collectstatic` does; one script that it was no use to compress."""
    folder = tmp_path / "static"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "site.0123.css").write_bytes(CSS)
    (folder / "site.0123.js").write_bytes(SCRIPT)
    (folder / "small.0123.js").write_bytes(b"1;")
    (folder / "mark.0123.svg").write_bytes(b"<svg/>" * 100)
    for name in ("css/site.0123.css", "site.0123.js", "mark.0123.svg"):
        content = (folder / name).read_bytes()
        (folder / f"{name}.br").write_bytes(brotli.compress(content))
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))


ACCEPTED = {
    "gzip, deflate, br, zstd": "br", "br": "br", "gzip,br;q=0.5": "br", "BR": "br", "br ; q=1.0": "br", "gzip": "gzip",
    "gzip, br;q=0": "gzip", "gzip, br;q=0.0": "gzip", "br;q=0, gzip": "gzip", "gzip, xbr": "gzip", "br-not, gzip": "gzip",
    "identity": None, "": None,
}  # fmt: skip
READ = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


def test_static_files_come_compressed_as_the_browser_takes_them(before_portal, static_files):
    asked = {
        "/static/css/site.0123.css": ("text/css", CSS),
        "/static/site.0123.js": ("text/javascript", SCRIPT),
    }
    with before_portal() as nginx:
        for accepted, coding in ACCEPTED.items():
            for path, (kind, whole) in asked.items():
                status, headers, body = nginx.get(path, **{"Accept-Encoding": accepted})
                assert (status, headers["content-type"], READ[coding](body)) == (200, kind, whole)
                assert headers.get("content-encoding") == coding, accepted
                assert headers["vary"] == "Accept-Encoding"
                assert headers["cache-control"] == "public, max-age=31536000, immutable"
                assert headers["x-content-type-options"] == "nosniff"
        _status, headers, body = nginx.get("/static/small.0123.js", **{"Accept-Encoding": "br, gzip"})
        assert (body, headers.get("content-encoding")) == (b"1;", None)
        _status, headers, body = nginx.get("/static/mark.0123.svg", **{"Accept-Encoding": "br"})
        assert (headers["content-type"], body) == ("image/svg+xml", b"<svg/>" * 100)
        assert nginx.get("/static/none.0123.css", **{"Accept-Encoding": "br"})[0] == 404


SECURITY = (
    "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy",
    "Permissions-Policy", "Cross-Origin-Opener-Policy",
)  # fmt: skip


def test_production_over_tls_says_each_header_once(before_portal, tmp_path):
    """And knows by nginx that the visitor is in HTTPS, and who they are."""
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {chain}"
    subprocess.run(make.split(), check=True, capture_output=True)
    listen = f"listen 127.0.0.1:{{port}} ssl http2; ssl_certificate {chain}; ssl_certificate_key {key};"
    production = PRODUCTION | {
        "ALLOWED_HOSTS": "localhost",
        "BASE_URL": "https://localhost",
        "POLE_STATIC_MADE": "0",
    }
    del production["DATABASE_URL"]
    with before_portal(production=production, listen=listen) as nginx:
        for path in ("/", "/compte/connexion/", "/nulle-part/"):
            asking = HTTPSConnection(
                "127.0.0.1", nginx.port, timeout=60, context=ssl._create_unverified_context()
            )
            with closing(asking):
                asking.request("GET", path, headers={"Host": "localhost"})
                answer = asking.getresponse()
                answer.read()
            assert answer.status in (200, 404)
            assert {name: len(answer.headers.get_all(name) or ()) for name in SECURITY} == dict.fromkeys(
                SECURITY, 1
            )
