"""Templates without their indents: what a page then says is what it said."""

from __future__ import annotations

import re

from django.conf import settings
from django.template import engines

TEMPLATES = settings.BASE_DIR / "templates"
# What is read as it stands, spaces included.
AS_IT_STANDS = re.compile(r"<(pre|textarea)\b(?:(?!</\1>).)*?\n", re.DOTALL)
TRANSLATED = re.compile(
    r"{% blocktranslate(?P<options>[^%]*)%}(?P<text>.*?){% endblocktranslate %}", re.DOTALL
)


def loaded(name):
    return engines["django"].engine.get_template(name).source


def test_lines_lose_their_indents_and_stay():
    written = (TEMPLATES / "base.html").read_text()
    source = loaded("base.html")
    assert "\n  <meta" in written
    assert source.splitlines() == [line.lstrip(" \t") for line in written.splitlines()]


def test_what_is_included_within_a_tag_stays_apart_from_what_stands_before():
    begun = [path for path in TEMPLATES.rglob("*.html") if path.read_text().startswith((" ", "\t"))]
    assert len(begun) >= 4
    for path in begun:
        assert loaded(path.relative_to(TEMPLATES).as_posix())[0] == " "


def test_templates_of_packages_stay_as_they_are():
    assert re.search(r"^[ \t]+", loaded("admin/base_site.html") + loaded("admin/base.html"), re.MULTILINE)


def test_nothing_that_is_read_as_it_stands_goes_over_several_lines():
    found = [path.name for path in TEMPLATES.rglob("*.html") if AS_IT_STANDS.search(path.read_text())]
    found += [
        path.name
        for path in TEMPLATES.rglob("*.html")
        for each in TRANSLATED.finditer(path.read_text())
        if "\n" in each["text"] and "trimmed" not in each["options"]
    ]
    assert found == []
