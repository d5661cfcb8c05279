"""The nginx of deploy by itself: what it refuses, and in whose words."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pole.files import proxy_pages
from pole.files.upload_limit import MAX_REQUEST_BYTES
from tests.pole.test_nginx import configuration, started
from tests.waiting import free_port

pytestmark = pytest.mark.any_hour("starts real servers, whose clock is the machine’s")
# From where an address is told apart from that of the portal.
VISITOR = "127.0.0.7"


class Portal(ThreadingHTTPServer):
    """Keeps what it was asked; hangs where the address says so."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[tuple[str, dict[str, str], int]] = []
        self.ended = threading.Event()


class Asked(BaseHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        size = len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.server.asked.append((self.path, dict(self.headers.items()), size))
        if "attend" in self.path:
            self.server.ended.wait(60)
        status = 503 if "ferme" in self.path else 200
        self.send_response(status)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"portal")

    do_POST = do_GET  # noqa: N815 - likewise

    def log_message(self, *_arguments: object) -> None:
        pass


class Site:
    def __init__(self, port: int, portal: Portal) -> None:
        self.port, self.portal = port, portal

    def get(self, path="/", method="GET", body=None, source=VISITOR, **headers):
        asking = HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        with closing(asking):
            asking.request(method, path, body, headers={"Host": "localhost"} | headers)
            answer = asking.getresponse()
            pairs = [(name.lower(), value) for name, value in answer.getheaders()]
            once = [name for name, _value in pairs if name != "vary"]
            assert len(once) == len(set(once))
            return answer.status, dict(pairs), answer.read().decode()

    def connected(self, source=VISITOR):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(source, 0))

    def sent(self, request: bytes) -> bytes:
        """The first of what answers, or nothing once the connection is closed."""
        with self.connected() as client:
            client.sendall(request)
            try:
                answer: bytes = client.recv(200)
            except ConnectionResetError:
                return b""
            return answer


@pytest.fixture
def site(tmp_path, settings):
    """Starts nginx before a portal, whose pages of errors are made."""
    settings.VAR_DIR = tmp_path
    proxy_pages.write_proxy_pages()

    @contextmanager
    def start(**options):
        with Portal() as portal:
            threading.Thread(target=portal.serve_forever, daemon=True).start()
            port = free_port()
            listen = options.pop("listen", "listen 127.0.0.1:{port};").format(port=port)
            text = configuration(tmp_path, port, portal.server_port, listen=listen, **options)
            with started(tmp_path, text) as nginx:
                for _ in range(200):
                    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                        break
                    assert nginx.poll() is None, (tmp_path / "start.log").read_text()
                    time.sleep(0.05)
                yield Site(port, portal)
            portal.ended.set()
            portal.shutdown()

    return start


def stop(site):
    site.portal.shutdown()
    site.portal.socket.close()


SAID = {
    413: ("Ce que vous envoyez est trop lourd", "What you are sending is too large"),
    429: ("Trop de demandes viennent de votre réseau", "Too many requests come from your network"),
    502: ("Le site revient dans un instant", "The site will be back in a moment"),
    504: ("Le site tarde trop à répondre", "The site takes too long to answer"),
}
RETRY = {413: None, 429: "10", 502: "30", 504: "60"}


def provoke(site, stack, status):
    if status == 502:
        stop(site)
    if status == 429:
        client = stack.enter_context(closing(site.connected()))
        client.sendall(b"GET /attend/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not site.portal.asked:
            time.sleep(0.01)


def failing(site, status, prefix="", **headers):
    """What nginx itself answers, for the reason of that status."""
    if status == 413:
        return site.get(f"{prefix}/gestion/", "POST", headers.pop("body", b""), **headers, **{"Content-Length": str(MAX_REQUEST_BYTES + 1)})  # fmt: skip
    if status == 504:
        return site.get(f"{prefix}/attend/", **headers)
    return site.get(f"{prefix}/", **headers)


@pytest.mark.parametrize("status", SAID)
def test_what_nginx_refuses_is_said_as_the_portal_would(site, status):
    options = {429: {"limit_conn": "pole_clients 1"}, 504: {"proxy_read_timeout": "1s"}}.get(status, {})
    with site(**options) as here, ExitStack() as stack:
        provoke(here, stack, status)
        for number, language, prefix, accepted in (
            (0, "fr", "", ""), (0, "fr", "", "fr-CA,fr;q=0.9,en;q=0.8"), (0, "fr", "", "de"), (1, "en", "/en", "fr"),
            (1, "en", "", "en-CA,en;q=0.9,fr;q=0.8"),
        ):  # fmt: skip
            found, headers, page = failing(here, status, prefix, **{"Accept-Language": accepted})
            assert found == status
            assert SAID[status][number] in page
            assert f'<html lang="{language}-CA">' in page
            assert headers["content-type"] == "text/html; charset=utf-8"
            assert headers.get("retry-after") == RETRY[status]
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "<style" not in page
            assert "style=" not in page
            assert "<script" not in page


def test_every_page_that_the_configuration_names_is_made(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    proxy_pages.write_proxy_pages()
    text = configuration(tmp_path, 1, 1)
    named = {
        f"{status}.{language}.html" for status in (413, 429, 502, 503, 504) for language in ("fr", "en")
        if f"error_page {status} /error-pages/{status}.$pole_language.html;" in text
    }  # fmt: skip
    assert named == {path.name for path in proxy_pages.folder().iterdir()}
    assert len(named) == 10


@pytest.mark.parametrize("status", SAID)
def test_error_without_its_page_is_the_same_error(site, status):
    options = {429: {"limit_conn": "pole_clients 1"}, 504: {"proxy_read_timeout": "1s"}}.get(status, {})
    with site(**options) as here, ExitStack() as stack:
        for page in proxy_pages.folder().iterdir():
            page.unlink()
        provoke(here, stack, status)
        assert failing(here, status)[0] == status


def test_pages_of_errors_have_no_address_of_their_own(site):
    with site() as here:
        assert here.get("/error-pages/502.fr.html")[0] == 404
        assert here.portal.asked == []


def test_refusal_of_the_portal_passes_as_it_is(site):
    with site() as here:
        status, headers, page = here.get("/ferme/")
        assert (status, page) == (503, "portal")
        assert "retry-after" not in headers


def test_body_as_large_as_the_portal_takes_reaches_it_whole(site):
    with site() as here:
        for size in (12_000_000, MAX_REQUEST_BYTES):
            assert here.get("/gestion/", "POST", b"x" * size)[0] == 200
            assert here.portal.asked[-1][2] == size
        # All of it is sent: the page is shown all the same.
        status, _headers, page = here.get("/gestion/", "POST", b"x" * (MAX_REQUEST_BYTES + 1))
        assert (status, SAID[413][0] in page) == (413, True)
        assert len(here.portal.asked) == 2


@pytest.mark.parametrize(
    "host", [b"evil.example", b"localhost.evil.example", b"127.0.0.1", b"", b"a..b", b"[::1]", None]
)
def test_forged_host_never_reaches_the_portal(site, host):
    header = b"" if host is None else b"Host: " + host + b"\r\n"
    with site() as here:
        for version in (b"1.0", b"1.1"):
            answer = here.sent(b"GET / HTTP/" + version + b"\r\n" + header + b"\r\n")
            # Nothing, or that it is no request.
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
        assert here.portal.asked == []
        assert here.get()[0] == 200


def test_where_a_request_comes_from_is_said_once(site):
    with site(listen="listen [::1]:{port}; listen 127.0.0.1:{port};") as here:
        here.get(**{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
        _path, headers, _size = here.portal.asked[-1]
        assert headers["X-Forwarded-For"] == f"203.0.113.9, {VISITOR}"
        assert headers["X-Forwarded-Proto"] == "http"
        with socket.create_connection(("::1", here.port), timeout=60) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        assert here.portal.asked[-1][1]["X-Forwarded-For"] == "::1"
