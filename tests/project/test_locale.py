"""The catalogue guard itself."""

from __future__ import annotations

from pole.management.commands.check_locale import extract


def test_messages_of_templates_and_python_are_found(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "pole").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        '{% translate "Don’t" %}{% translate "Open" context "a door" %}'
    )
    (tmp_path / "pole" / "a.py").write_text(
        'from django.utils.translation import gettext_lazy as _\nx = _("Hello")\n'
    )
    assert extract(tmp_path) == {(None, "Don’t"), ("a door", "Open"), (None, "Hello")}
