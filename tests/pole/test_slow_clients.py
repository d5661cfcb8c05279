"""Clients that send slowly to the application server itself, with no proxy before it; and production, which wants one."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest
from django.db import connection

from pole.server import request_bodies
from pole.server.behind_proxy import through_proxy
from pole.server.request_bodies import NoTurnError, Turns, in_turn
from tests.bench import serving
from tests.pole.test_release import PRODUCTION, values
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.any_hour("starts real servers, whose clock is the machine’s")
# With the cookie without which the body is not looked at.
HEAD = (
    b"POST /compte/connexion/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)


@pytest.fixture(scope="module")
def port(django_db_setup, django_db_blocker):
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
    with serving.served(serving.PORTAL, {"DATABASE_URL": url, "POLE_KEPT_MIB": "0"}, workers=1) as port:
        yield port


def open_slowly(stack, port, count, sent):
    for _number in range(count):
        client = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=60)))
        client.sendall(sent)
        yield client


@pytest.mark.parametrize("count", [1, 4, 400])
@pytest.mark.parametrize(
    "sent", [HEAD + b"Content-Length: 5000\r\n\r\nlogin=", b"GET / HTTP/1.1\r\nHost: loc"], ids=["body", "headers"]
)  # fmt: skip
def test_others_are_answered_meanwhile(port, count, sent):
    with ExitStack() as stack:
        clients = list(open_slowly(stack, port, count, sent))
        for path in ("/", "/repertoire/", "/healthz"):
            assert serving.get(port, path)[0] == 200
        # Some of the clients wait still: nobody was answered because they had gone.
        assert len(select.select(clients, [], [], 0)[0]) < count


def test_one_too_many_is_told(port):
    with ExitStack() as stack:
        clients = list(open_slowly(stack, port, 12, HEAD + b"Content-Length: 5000\r\n\r\nlogin="))
        # Which of them, the threads decide.
        refused = select.select(clients, [], [], PATIENCE_SECONDS)[0][0]
        answer = b""
        while part := refused.recv(4000):
            answer += part
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert "Trop d’envois".encode() in answer
        assert serving.get(port, "/")[0] == 200


def called(application, environ):
    """Status, headers, body."""
    started: list[tuple[str, dict[str, str]]] = []
    body = b"".join(application(environ, lambda status, headers, *_: started.append((status, dict(headers)))))
    return *started[-1], body


class Body:
    """Says nothing until `ended`."""

    def __init__(self) -> None:
        self.asked, self.ended = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.asked.set()
        self.ended.wait(30)
        return b"whole"[:size]


def reading(environ, start_response):
    """As Django: what the client did not send is one more refused request."""
    try:
        status = "200 OK" if environ["wsgi.input"].read(10) == b"whole" else "500 Broken"
    except OSError:
        status = "403 Forbidden"
    start_response(status, [])
    return [b"read"]


def test_all_threads_but_two_read_at_once(monkeypatch):
    monkeypatch.setattr(request_bodies, "TURN_SECONDS", 0.2)
    application = in_turn(reading, 5)
    answers: list[str] = []
    bodies = [Body() for _ in range(3)]
    threads = [
        threading.Thread(
            target=lambda body=body: answers.append(called(application, {"wsgi.input": body})[0])
        )
        for body in bodies
    ]
    for thread, body in zip(threads, bodies, strict=True):
        thread.start()
        assert body.asked.wait(10)
    try:
        late = Body()
        status, headers, text = called(application, {"wsgi.input": late})
        assert (status, headers["Connection"], late.asked.is_set()) == (
            "503 Service Unavailable",
            "close",
            False,
        )
        assert "Trop d’envois" in text.decode()
    finally:
        for body in bodies:
            body.ended.set()
        for thread in threads:
            thread.join(10)
    assert answers == ["200 OK"] * 3
    late.ended.set()
    assert called(application, {"wsgi.input": late}) == ("200 OK", {}, b"read")


def test_who_waits_is_alone(monkeypatch):
    """The others are answered at once: a thread is always left."""
    monkeypatch.setattr(request_bodies, "TURN_SECONDS", 30)
    turns = Turns(3)
    with turns.one():
        next_one = threading.Thread(target=lambda: turns.one().__enter__())
        next_one.start()
        while turns._next._value:
            time.sleep(0.001)
        with pytest.raises(NoTurnError), turns.one():
            pass
    next_one.join(10)
    assert not next_one.is_alive()


def test_production_refuses_to_start_without_a_proxy():
    for missing in ({}, {"TRUSTED_PROXY_COUNT": "0"}, {"TRUSTED_PROXY_COUNT": "-1"}):
        refused = values(
            ["PORT"], **{n: v for n, v in PRODUCTION.items() if n != "TRUSTED_PROXY_COUNT"} | missing
        )
        assert "demande un serveur mandataire devant le portail" in refused
        assert "TRUSTED_PROXY_COUNT=1" in refused
    assert values(["TRUSTED_PROXY_COUNT"], **PRODUCTION) == {"TRUSTED_PROXY_COUNT": 1}
    assert values(["TRUSTED_PROXY_COUNT"]) == {"TRUSTED_PROXY_COUNT": 0}


def passed(proxies, path="/", **headers):
    def application(_environ, start_response):
        start_response("200 OK", [])
        return [b"read"]

    return called(
        through_proxy(application, proxies), {"REQUEST_METHOD": "GET", "PATH_INFO": path, **headers}
    )


def test_request_that_no_proxy_passed_on_is_refused(caplog):
    status, headers, body = passed(1)
    assert status == "421 Misdirected Request"
    assert (headers["Content-Type"], headers["Connection"]) == ("text/plain; charset=utf-8", "close")
    assert "serveur mandataire" in body.decode()
    assert [record.name for record in caplog.records] in ([], ["django.security.WithoutProxy"])
    assert passed(1, HTTP_X_FORWARDED_FOR=" ")[0] == "421 Misdirected Request"
    assert passed(1, HTTP_X_FORWARDED_FOR="203.0.113.9")[0] == "200 OK"
    assert passed(2, HTTP_X_FORWARDED_FOR="203.0.113.9")[0] == "421 Misdirected Request"
    assert passed(2, HTTP_X_FORWARDED_FOR="203.0.113.9, 10.0.0.1")[0] == "200 OK"
    for probe in ("/healthz", "/readyz"):
        assert passed(1, probe)[0] == passed(1, probe, REQUEST_METHOD="HEAD")[0] == "200 OK"
        # What a body comes with would be read before the probe refuses it.
        assert passed(1, probe, REQUEST_METHOD="POST")[0] == "421 Misdirected Request"


def test_production_answers_its_probes_and_its_proxy_alone(django_db_setup, django_db_blocker):
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
    environment = PRODUCTION | {"DATABASE_URL": url, "ALLOWED_HOSTS": "localhost", "POLE_STATIC_MADE": "0"}
    with serving.served(serving.PORTAL, environment, workers=1) as port, ExitStack() as stack:
        list(open_slowly(stack, port, 40, HEAD + b"Content-Length: 5000\r\n\r\nlogin="))
        assert serving.get(port, "/healthz")[0] == 200
        assert serving.get(port, "/")[0] == 421
        asking = stack.enter_context(closing(HTTPConnection("127.0.0.1", port, timeout=60)))
        asking.request("GET", "/", headers={"Host": "localhost", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})  # fmt: skip
        assert asking.getresponse().status == 200
