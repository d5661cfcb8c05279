"""What goes to the relay, whatever the words: ASCII, lines within the standard, and the same words when read again."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pole.mail.message import PortalMessage, as_json, from_json, sign
from pole.models import Hub, Municipality

pytestmark = pytest.mark.django_db

# All of Unicode but halves of pairs, which no text holds.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
HUB = {
    "tagline": "Un pôle.", "street": "10, rue de l’Église", "postal_code": "J6K 1A1", "phone": "+14505550123",
    "email": "bonjour@exemple.example",
}  # fmt: skip


def written(message):
    sign(message)
    return from_json(as_json(message)).message(policy=email.policy.SMTP)


def make_hub(name, **fields):
    values = {"name": name, "municipality": Municipality.objects.get(code="67050"), **HUB, **fields}
    return Hub.objects.update_or_create(pk=1, defaults=values)[0]


@pytest.mark.parametrize(
    "name",
    ["Pôle d’économie sociale", "Pôle 🌱, coop", 'Pôle « dit "le hub" »', "Pôle\nBcc: tous@exemple.example", "é" * 120,
     "a@b <c@d>", "Pôle\\", "مركز", "Pôle 👩\u200d🌾"],
)  # fmt: skip
def test_from_has_the_name_of_the_hub(name, settings):
    settings.DEFAULT_FROM_EMAIL = "portail@pole.exemple.example"
    make_hub(name)
    raw = written(PortalMessage("Objet", "Le texte.", to=["lou@exemple.example"])).as_bytes()
    assert raw.isascii()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    (sender,) = read["From"].addresses
    assert sender.addr_spec == "portail@pole.exemple.example"
    assert sender.display_name == " ".join(name.split())
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["Reply-To"].addresses] == ["bonjour@exemple.example"]
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"].endswith("@pole.exemple.example>")
    assert read["Date"] is not None


def test_message_keeps_its_id_and_what_its_writer_chose():
    message = PortalMessage(
        "Objet", "x", "autre@exemple.example", ["lou@exemple.example"], reply_to=["a@exemple.example"]
    )
    first, second = written(message), from_json(as_json(message)).message()
    assert first["Message-ID"] == second["Message-ID"]
    assert (first["From"], first["Reply-To"]) == ("autre@exemple.example", "a@exemple.example")


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(subject=ANY_TEXT, body=ANY_TEXT, link=st.integers(0, 3000))
def test_any_text_is_read_again_as_it_was(subject, body, link):
    body = f"{body}\nhttps://exemple.example/{'a' * link}\n"
    message = PortalMessage(" ".join(subject.split()), body, to=["lou@exemple.example"])
    message.attach_alternative(f"<p>{body}</p>", "text/html")
    try:
        raw = written(message).as_bytes()
    except ValueError:
        # A control character in a subject: refused when it is queued.
        assert any(not letter.isprintable() for letter in subject)
        return
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    read = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = (part for part in read.walk() if part.get_content_maintype() == "text")
    assert {part["Content-Transfer-Encoding"] for part in (plain, html)} == {"quoted-printable"}
    assert max(len(line) for part in (plain, html) for line in part.get_payload().splitlines()) <= 76
    assert same_lines(plain.get_content(), body)
    assert same_lines(html.get_content(), f"<p>{body}</p>")


def same_lines(read, text):
    """Mail says where lines end its own way, and ends with one."""
    return read.splitlines() == text.splitlines() or read.rstrip("\r\n") == re.sub(
        r"\r\n?|\n", "\n", text
    ).rstrip("\n")


def test_plain_django_message_is_signed_too():
    message = EmailMultiAlternatives("Objet", "x", to=["lou@exemple.example"])
    sign(message)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
