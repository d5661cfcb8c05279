"""What no linter of CSS compares: names across files, and colours defined in two places."""

from __future__ import annotations

import re

from django.conf import settings

from pole.hub import colours

CSS = settings.BASE_DIR / "static" / "css"
THEME = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")


def themes():
    """The colours of the light theme, and those of the dark one."""
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    return dict(THEME.findall(light)), dict(THEME.findall(dark.split("@media print")[0]))


def test_every_property_that_a_sheet_uses_is_set_somewhere():
    sheets = "".join(path.read_text() for path in CSS.rglob("*.css"))
    places = [*settings.BASE_DIR.glob("templates/**/*.html"), *settings.BASE_DIR.glob("static/js/**/*.js")]
    set_somewhere = set(
        re.findall(r"(?<![\w-])(--[\w-]+)[\"':]", sheets + "".join(path.read_text() for path in places))
    )
    assert set(re.findall(r"var\((--[\w-]+)", sheets)) - set_somewhere == set()


def test_backgrounds_that_python_knows_are_those_of_the_themes():
    light, dark = themes()
    assert (light["background"], dark["background"]) == (colours.WHITE, colours.NIGHT)


def test_colours_of_mails_are_those_of_the_themes():
    mail = (settings.BASE_DIR / "templates" / "mail" / "base.html").read_text()
    used = set(re.findall(r"#[0-9a-f]{6}\b", mail))
    assert used
    assert used <= {colour for theme in themes() for colour in theme.values()}
