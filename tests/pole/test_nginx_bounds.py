"""The nginx of deploy by itself: what its logs keep of a visitor, who waits for slow clients, and what TLS adds."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, closing, suppress

import pytest

from tests.pole.test_nginx_refusals import VISITOR, failing, site, stop  # noqa: F401 - a fixture

pytestmark = pytest.mark.any_hour("starts real servers, whose clock is the machine’s")
SECRET, EMAIL, HOST = "AbCdEf0123SECRET", "moi@exemple.example", "localhost"
PRIVATE = f"/vote/lien/{SECRET}/?q={EMAIL}"
HEAD = f"{{}} {PRIVATE} HTTP/1.1\r\nHost: localhost\r\nReferer: https://localhost{PRIVATE}\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", folder / "key.pem", "-out", folder / "chain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return f"ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem;"


def refused(here, _folder):
    stop(here)
    here.sent(HEAD.format("GET").encode() + b"\r\n")


def late(here, _folder):
    here.sent(HEAD.format("GET").replace("/?q", "/attend/?q").encode() + b"\r\n")


def too_large(here, _folder):
    here.sent(HEAD.format("POST").encode() + b"Content-Length: 99999999\r\n\r\n")


def crowded(here, _folder):
    with here.connected() as client:
        client.sendall(HEAD.format("GET").replace("/?q", "/attend/?q").encode() + b"\r\n")
        while not here.portal.asked:
            time.sleep(0.01)
        assert b" 429 " in here.sent(HEAD.format("GET").encode() + b"\r\n")


def malformed(here, _folder):
    here.sent(HEAD.format("GET").encode() + b"Content-Length: x\r\n\r\n")
    here.sent(HEAD.format("GET").encode() + b"No colon at all\r\n\r\n")
    here.sent(f"GE\x01T {PRIVATE}\r\n\r\n".encode())
    here.sent(HEAD.format("GET").encode() + b"X: " + b"x" * 40_000 + b"\r\n\r\n")
    here.sent(f"GET {PRIVATE}&{'x' * 40_000} HTTP/1.1\r\n\r\n".encode())


def nowhere_to_write(here, folder):
    """`crit`: the disk is full, or closed."""
    shutil.rmtree(folder / "client_body")
    here.sent(HEAD.format("POST").encode() + b"Content-Length: 90000\r\n\r\n" + b"x" * 90_000)


def gone(here, _folder):
    with here.connected() as client:
        client.sendall(HEAD.format("POST").encode() + b"Content-Length: 90000\r\n\r\nx")
    here.sent(HEAD.format("GET").replace("localhost\r\n", "evil.example\r\n", 1).encode() + b"\r\n")


def broken_handshake(here, _folder):
    here.sent(HEAD.format("GET").encode() + b"\r\n")
    here.sent(b"\x16\x03\x01\x00\xffnot TLS")
    with here.connected() as client:
        client.sendall(b"\x16\x03\x01")


KINDS = {
    refused: {}, late: {"proxy_read_timeout": "1s"}, too_large: {}, crowded: {"limit_conn": "pole_clients 1"}, malformed: {},
    nowhere_to_write: {}, gone: {}, broken_handshake: {"client_header_timeout": "1s"},
}  # fmt: skip


@pytest.mark.parametrize("level", ["debug", "crit"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_log_says_who_came_nor_what_they_held(site, certificate, tmp_path, kind, level):  # noqa: F811
    """The stock error log of nginx too, at whichever level; and the access log says what happened."""
    options = dict(KINDS[kind])
    if kind is broken_handshake:
        options["listen"] = f"listen 127.0.0.1:{{port}} ssl; {certificate}"
    with site(level=level, **options) as here:
        kind(here, tmp_path)
        time.sleep(0.2)
    logs = list(tmp_path.glob("*.log"))
    assert {path.name for path in logs} == {"start.log", "pole.log"}
    for path in logs:
        kept = path.read_text(encoding="utf-8", errors="replace")
        for private in (SECRET, EMAIL, VISITOR, "moi%40", "/lien/"):
            assert private not in kept, next(line for line in kept.splitlines() if private in line)
    seen = (tmp_path / "pole.log").read_text().splitlines()
    assert all(re.match(r"(127\.0\.0\.0|-) \[", line) for line in seen)
    if kind is refused:
        assert re.search(r" GET /vote/\.\.\. 502 .* portal=502 ", seen[-1])
    if kind is late:
        assert re.search(r" GET /vote/\.\.\. 504 .* portal=504 ", seen[-1])
    if kind is crowded:
        assert any(re.search(r" GET /vote/\.\.\. 429 .* limit=REJECTED$", line) for line in seen)
    if kind is too_large:
        assert " POST /vote/... 413 " in seen[-1]


SLOW = {
    "bodies": b"POST /gestion/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nlogin=",
    "headers": b"GET / HTTP/1.1\r\nHost: loc",
    "silence": b"",
}


@pytest.mark.parametrize("count", [4, 400])
@pytest.mark.parametrize("kind", SLOW)
def test_others_are_answered_while_some_send_slowly(site, kind, count):  # noqa: F811
    with site() as here, ExitStack() as stack:
        clients = [stack.enter_context(closing(here.connected())) for _ in range(count)]
        for client in clients:
            client.sendall(SLOW[kind])
        # Those of the same network too.
        for source in ("127.0.0.9", VISITOR):
            for _ in range(5):
                assert here.get(source=source)[0] == 200
        # None of the slow ones has reached the portal.
        assert {path for path, _headers, _size in here.portal.asked} == {"/"}


def test_slow_clients_are_let_go(site):  # noqa: F811
    """Each part of a body, and the whole head, comes in time."""
    short = {"client_header_timeout": "1s", "client_body_timeout": "1s", "keepalive_timeout": "1s"}
    with site(**short) as here, ExitStack() as stack:
        clients = [stack.enter_context(closing(here.connected())) for _ in SLOW]
        for client, sent in zip(clients, SLOW.values(), strict=True):
            client.sendall(sent)
        dripping = stack.enter_context(closing(here.connected()))
        began = time.monotonic()
        with suppress(OSError):
            for letter in "GET / HTTP/1.1\r\nHost: " + "x" * 200:
                dripping.sendall(letter.encode())
                time.sleep(0.1)
        assert time.monotonic() - began < 15
        for client in clients:
            with suppress(ConnectionResetError):
                assert client.recv(100)[:12] in (b"", b"HTTP/1.1 408")


def test_one_network_holds_a_part_of_the_connections(site):  # noqa: F811
    """As many as are allowed, sending slowly: the next is told so, and other networks are answered."""
    with site(limit_conn="pole_clients 20") as here, ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(closing(here.connected()))
            client.sendall(SLOW["bodies"])
        deadline = time.monotonic() + 30
        while (status := failing(here, 200)[0]) != 429 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert status == 429
        assert here.get(source="127.0.0.9")[0] == 200


def test_addresses_of_one_ipv6_network_count_together(site):  # noqa: F811
    """A client has all of a /64."""
    listen = "listen [::1]:{port}; listen 127.0.0.1:{port};"
    with site(listen=listen, limit_conn="pole_clients 1") as here, ExitStack() as stack:
        first, second = (
            stack.enter_context(socket.create_connection(("::1", here.port), timeout=60)) for _ in range(2)
        )
        first.sendall(b"GET /attend/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not here.portal.asked:
            time.sleep(0.01)
        second.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert second.recv(100).startswith(b"HTTP/1.1 429 ")
        assert here.get()[0] == 200


def test_over_tls_http_2_is_spoken_and_no_other_name_answers(site, certificate):  # noqa: F811
    with site(listen=f"listen 127.0.0.1:{{port}} ssl http2; {certificate}") as here:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        trusting.set_alpn_protocols(["h2", "http/1.1"])
        with trusting.wrap_socket(here.connected(), server_hostname=HOST) as client:
            assert client.selected_alpn_protocol() == "h2"
        trusting.set_alpn_protocols(["http/1.1"])
        for sni, host, answer in (
            (HOST, HOST, b"HTTP/1.1 200 "), ("evil.example", HOST, b"HTTP/1.1 200 "), (HOST, "evil.example", b""), (None, "evil.example", b""),
        ):  # fmt: skip
            with trusting.wrap_socket(here.connected(), server_hostname=sni) as client:
                client.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                with suppress(ConnectionResetError):
                    assert client.recv(200)[: len(answer) or None] == answer
        assert {headers["Host"] for _path, headers, _size in here.portal.asked} == {HOST}
        assert here.portal.asked[-1][1]["X-Forwarded-Proto"] == "https"
