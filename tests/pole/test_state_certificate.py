"""The certificate, asked of a real TLS server on loopback."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest

from pole.hooks.diagnostics import Level
from pole.hub.state import certificate, looking

pytestmark = pytest.mark.any_hour(
    "certificates are dated by openssl, whose clock a run at another hour does not set"
)


def make_certificate(folder, days, name="localhost"):
    arguments = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    subprocess.run(
        [*arguments, "-keyout", "key.pem", "-out", "cert.pem", "-subj", f"/CN={name}", "-addext",
         f"subjectAltName=DNS:{name}", "-days", str(days)],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


@contextmanager
def listening(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    accepted, _address = server.accept()
                except OSError:
                    return
                Thread(target=answer, args=(accepted,), daemon=True).start()

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def tls_server(folder, days, name="localhost"):
    chain, key = make_certificate(folder, days, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)

    def answer(accepted):
        try:
            with context.wrap_socket(accepted, server_side=True) as secured:
                secured.recv(1)
        except OSError:
            accepted.close()

    with listening(answer) as port:
        yield port


@pytest.fixture
def asked(settings, monkeypatch, tmp_path):
    def ask(port, is_trusted=True):
        settings.BASE_URL = f"https://localhost:{port}"
        if is_trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        return looking.look_at(certificate.check_certificate)

    return ask


@pytest.mark.parametrize(
    ("days", "level"),
    # Of one that lives for five days, five are a whole life.
    [(90, Level.WELL), (5, Level.WELL)],
)
def test_certificate_that_was_just_made_is_well(asked, tmp_path, days, level):
    with tls_server(tmp_path, days) as port:
        found = asked(port)
    assert (found.level, str(found.fact)) == (level, str(found.fact))
    assert "valide encore" in str(found.fact)


@pytest.mark.parametrize(
    ("left", "life", "level"),
    [
        (timedelta(days=22), timedelta(days=90), Level.WELL),
        (timedelta(days=20), timedelta(days=90), Level.WATCH),
        (timedelta(days=6), timedelta(days=90), Level.ACT),
        (timedelta(days=12), timedelta(days=47), Level.WELL),
        (timedelta(days=3), timedelta(days=6), Level.WELL),
        (timedelta(hours=12), timedelta(days=6), Level.ACT),
        (timedelta(days=30), timedelta(days=365), Level.WELL),
    ],
)
def test_verdict_is_in_proportion(monkeypatch, settings, left, life, level):
    from django.utils import timezone

    settings.BASE_URL = "https://localhost"
    now = timezone.now()
    monkeypatch.setattr(certificate, "_asked", lambda *_: (now + left - life, now + left))
    assert looking.look_at(certificate.check_certificate).level == level


def test_certificate_that_nobody_trusts_is_to_be_mended(asked, tmp_path):
    with tls_server(tmp_path, 90) as port:
        found = asked(port, is_trusted=False)
    assert found.level == Level.ACT
    assert "refusent" in str(found.fact)


def test_certificate_of_another_name_is_to_be_mended(asked, tmp_path):
    with tls_server(tmp_path, 90, "autre.example") as port:
        assert asked(port).level == Level.ACT


def test_server_that_says_nothing_holds_nobody(asked, monkeypatch):
    """One that accepts and never answers: not known, within the bound."""
    monkeypatch.setattr(certificate, "SECONDS", 1)
    held = []
    with listening(held.append) as port:
        began = time.monotonic()
        found = asked(port, is_trusted=False)
        assert time.monotonic() - began < 8
    assert found.level == Level.UNKNOWN
    assert "navigateur" in str(found.to_do)


def test_name_that_leads_nowhere_is_not_known(settings, monkeypatch):
    def refuse(*_values, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", refuse)
    settings.BASE_URL = "https://nulle-part.example"
    assert looking.look_at(certificate.check_certificate).level == Level.UNKNOWN


def test_plain_address_is_to_be_watched(settings):
    settings.BASE_URL = "http://localhost:8000"
    assert looking.look_at(certificate.check_certificate).level == Level.WATCH
