"""How the portal comes to its relay: encryption, certificate, greeting, and one that drips; real sockets, a real worker."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Thread, Timer
from threading import enumerate as enumerate_threads

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from pole.mail import relay
from tests.factories import UserFactory
from tests.pole.test_mail import port, work
from tests.pole.test_mail_answers import told, write
from tests.waiting import PATIENCE_SECONDS

__all__ = ["port"]
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def saying(number, lines, tls=None):
    """A relay that says these, the first at once, each other after a line of the portal's; then speaks TLS, or ends."""
    with socket.create_server(("127.0.0.1", number)) as server:

        def converse():
            with suppress(OSError), server.accept()[0] as client, client.makefile("rb") as said:
                # The mail to the team finds nobody.
                server.close()
                client.settimeout(PATIENCE_SECONDS)
                for at, line in enumerate(lines):
                    if at:
                        said.readline()
                    client.sendall(f"{line}\r\n".encode())
                if tls:
                    tls.wrap_socket(client, server_side=True)
                said.readline()

        thread = Thread(target=converse)
        thread.start()
        yield
        thread.join(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def unknown_certificate(tmp_path_factory):
    """Of a relay, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = timezone.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    path = tmp_path_factory.mktemp("relay") / "relay.pem"
    path.write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({}, ["554 5.7.1 no SMTP service for you"]),
        ({}, ["220 relay", "550 5.7.1 your name does not resolve", "550 5.7.1 nor does it in HELO"]),
        ({"use_tls": True}, ["220 relay", "250 relay"]),
        ({"username": "pole", "password": "x"}, ["220 relay", "250 relay"]),
        ({"use_tls": True}, ["220 relay", "250-relay\r\n250 STARTTLS", "220 begin"]),
    ],
    ids=["greeting", "name", "no encryption", "no account", "certificate"],
)
def test_no_mail_is_lost_by_how_the_portal_comes_to_its_relay(
    port, settings, options, lines, unknown_certificate
):
    """Nothing was said of any mail: each waits, and the team is told."""
    settings.MAILERS["delivery"]["OPTIONS"] |= options
    UserFactory(is_staff=True)
    row = write()
    with saying(port, lines, unknown_certificate if lines[-1] == "220 begin" else None):
        work()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1), row.answer
    assert told() == ["Le portail ne peut pas se connecter à son relais de courriel"]
    timers = [thread for thread in enumerate_threads() if isinstance(thread, Timer)]
    assert not [timer for timer in timers if timer.function is relay._shut and not timer.finished.is_set()]


def answers_but_slowly(client):
    """One byte at a time, each within the time allowed for one."""
    client.sendall(b"220 relay\r\n")
    client.recv(1000)
    while True:
        client.sendall(b"2")
        time.sleep(0.05)


def drips_before_it_speaks(client):
    while True:
        client.sendall(b"2")
        time.sleep(0.05)


def drips_in_its_handshake(client):
    _until_tls(client)
    # A record of a handshake, which is announced to be long.
    client.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        client.sendall(b"\x00")
        time.sleep(0.05)


def _until_tls(client):
    client.sendall(b"220 relay\r\n")
    client.recv(1000)
    client.sendall(b"250-relay\r\n250 STARTTLS\r\n")
    client.recv(1000)
    client.sendall(b"220 begin\r\n")


@pytest.mark.parametrize(
    ("tls", "speaks"),
    [
        ({}, drips_before_it_speaks),
        ({}, answers_but_slowly),
        ({"use_tls": True}, drips_in_its_handshake),
        ({"use_tls": True}, "encrypted"),
        ({"use_ssl": True}, "encrypted"),
    ],
)
def test_relay_that_drips_does_not_hold_a_worker(
    port, settings, monkeypatch, unknown_certificate, tls, speaks
):
    monkeypatch.setattr(relay, "CONVERSATION_SECONDS", 1)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(relay.RelayBackend, "ssl_context", trusting)
    settings.MAILERS["delivery"]["OPTIONS"] |= tls | {"timeout": 2 * PATIENCE_SECONDS}
    cut = []

    def converse(server):
        with server.accept()[0] as client:
            try:
                if speaks == "encrypted":
                    if "use_tls" in tls:
                        _until_tls(client)
                    with unknown_certificate.wrap_socket(client, server_side=True) as encrypted:
                        drips_before_it_speaks(encrypted)
                speaks(client)
            except OSError as error:
                cut.append(error)

    with socket.create_server(("127.0.0.1", port)) as server:
        thread = Thread(target=converse, args=[server])
        thread.start()
        row = write()
        began = time.monotonic()
        work()
        thread.join(PATIENCE_SECONDS)
    row.refresh_from_db()
    assert (row.state, row.attempts, len(cut)) == ("waiting", 1, 1)
    # Not the time that one wait may take, nor for ever.
    assert time.monotonic() - began < PATIENCE_SECONDS
