"""The catalogues: what the code says is found, and a translation outlives what happens around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from pole import message_catalogues

HEADER = '# Ours.\nmsgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
HELLO = '#: pole/a.py\nmsgid "Hello"\nmsgstr "Bonjour"\n'
CODE = 'from django.utils.translation import gettext_lazy as _\nx = _("Hello")\n'


@pytest.fixture
def root(tmp_path, settings):
    """A project of one message, in French."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "pole").mkdir()
    (tmp_path / "pole" / "a.py").write_text(CODE)
    for language in message_catalogues.LANGUAGES:
        path = message_catalogues.catalogue_path(tmp_path, language)
        path.parent.mkdir(parents=True)
        path.write_text(HEADER + (HELLO if language == "fr" else HELLO.replace("Bonjour", "Hello")))
    return tmp_path


def text_of(root, language):
    return message_catalogues.catalogue_path(root, language).read_text()


def test_messages_of_templates_and_python_are_found(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "pole").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        '{% translate "Don’t" %}{% translate "Open" context "a door" %}'
    )
    (tmp_path / "pole" / "a.py").write_text(CODE)
    found = message_catalogues.messages_of(message_catalogues.extract_messages(tmp_path))
    assert {(row.context, row.id, row.locations[0][0]) for row in found} == {
        (None, "Don’t", "templates/a.html"),
        ("a door", "Open", "templates/a.html"),
        (None, "Hello", "pole/a.py"),
    }


def test_catalogue_up_to_date_is_left_as_it_is(root, capsys):
    before = text_of(root, "fr")
    call_command("messages")
    assert (text_of(root, "fr"), capsys.readouterr().out) == (before, "")
    call_command("check_locale")


def test_module_that_moves_changes_its_locations_alone(root):
    (root / "pole" / "b.py").write_text('_("A first message")\n_("Zero")')
    call_command("messages")
    before = text_of(root, "fr")
    (root / "pole" / "a.py").rename(root / "pole" / "z.py")
    with pytest.raises(CommandError, match="fr: out of date: run `make messages`"):
        call_command("check_locale")
    call_command("messages")
    assert text_of(root, "fr") == before.replace("#: pole/a.py", "#: pole/z.py")


def test_new_message_waits_for_its_french_and_has_its_english(root, capsys):
    (root / "pole" / "a.py").write_text(CODE + 'y = ngettext("%(n)s day", "%(n)s days", 2) % {"n": _("Day")}')
    call_command("messages")
    assert '#: pole/a.py\nmsgid "Day"\nmsgstr ""\n' in text_of(root, "fr")
    assert '#: pole/a.py\nmsgid "Day"\nmsgstr "Day"\n' in text_of(root, "en")
    plural = 'python-format\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "'
    assert f'{plural}"\nmsgstr[1] ""\n' in text_of(root, "fr")
    assert f'{plural}%(n)s day"\nmsgstr[1] "%(n)s days"\n' in text_of(root, "en")
    assert capsys.readouterr().out == "fr: to translate: %(n)s day\nfr: to translate: Day\n"
    assert HELLO in text_of(root, "fr")
    with pytest.raises(CommandError, match=r"fr: empty or fuzzy: .'Day'"):
        call_command("check_locale")


def test_message_that_nothing_says_any_more_is_named_as_it_goes(root, capsys):
    (root / "pole" / "a.py").write_text('_("Goodbye")')
    call_command("messages")
    assert "fr: no longer used: Hello\nfr: to translate: Goodbye" in capsys.readouterr().out
    assert "Bonjour" not in text_of(root, "fr")


def test_guess_and_note_of_a_translator_stay(root):
    path = message_catalogues.catalogue_path(root, "fr")
    path.write_text(HEADER + "# As in a letter.\n" + HELLO.replace("msgid", "#, fuzzy\nmsgid"))
    before = path.read_text()
    call_command("messages")
    assert path.read_text() == before
    with pytest.raises(CommandError, match=r"fr: empty or fuzzy: .'Hello'"):
        call_command("check_locale")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("templates/a.html", b"{% load i18n %}{% blocktranslate %}Hello"),
        (
            "templates/a.html",
            b"{% load i18n %}{% blocktranslate %}Hello{% if x %}{% endif %}{% endblocktranslate %}",
        ),
        ("templates/a.txt", "Reçu".encode("latin-1")),
        ("pole/b.py", 'x = _("Reçu")'.encode("latin-1")),
    ],
    ids=["unclosed", "tag within", "latin-1 template", "latin-1 module"],
)
def test_source_that_cannot_be_read_is_named_and_takes_no_translation_away(root, name, content):
    (root / "templates").mkdir()
    (root / name).write_bytes(content)
    before = text_of(root, "fr")
    with pytest.raises(CommandError, match=name):
        call_command("messages")
    assert text_of(root, "fr") == before


def test_french_never_breaks_a_line_before_a_colon_or_inside_its_quotes():
    path = message_catalogues.catalogue_path(Path(settings.BASE_DIR), "fr")
    said = [
        text
        for message in message_catalogues.messages_of(message_catalogues.read_catalogue(path))
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    assert [text for text in said if re.search("[ ][:»]|«[ ]", text)] == []
