"""What no linter of CSS compares: names across files, and colours defined in two places."""

from __future__ import annotations

import re

from django.conf import settings

from pole.hub import colours

CSS = settings.BASE_DIR / "static" / "css"
TEMPLATES = {
    path.relative_to(settings.BASE_DIR / "templates").as_posix(): path.read_text(encoding="utf-8")
    for path in (settings.BASE_DIR / "templates").rglob("*.html")
}
EXTENDED = {name for text in TEMPLATES.values() for name in re.findall(r'{% extends "([^"]+)"', text)}
PAGES = sorted(name for name, text in TEMPLATES.items() if "{% extends" in text and name not in EXTENDED)
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


def dressed_by(sheet):
    """The classes that a sheet dresses wherever they stand: alone in a selector, not within nor beside another."""
    text = re.sub(r"/\*.*?\*/", "", (CSS / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)
    own = set().union(
        *(
            dressed_by(f"{sheet.rpartition('/')[0]}/{name}".strip("/"))
            for name in re.findall(r'@import "([^"]+)"', text)
        )
    )
    for selectors in re.findall(r"([^{};]+)\{", text):
        own |= {
            named[0]
            for each in selectors.split(",")
            if len(named := re.findall(r"\.([a-zA-Z][\w-]*)", each)) == 1
        }
    return own


def put_together(name, met=frozenset()):
    """A template, those that it extends and those that it includes."""
    if name in met or name not in TEMPLATES:
        return set()
    others = re.findall(r'{%\s*(?:extends|include)\s+"([^"]+)"', TEMPLATES[name])
    return {name}.union(*(put_together(other, met | {name}) for other in others))


def classes_in(text):
    """Those that are written whole."""
    text = re.sub(r"{%.*?%}", " ", re.sub(r"{{.*?}}", "{}", text, flags=re.DOTALL), flags=re.DOTALL)
    return {
        word for value in re.findall(r'class="([^"]*)"', text) for word in value.split() if "{}" not in word
    }


CLASSES = {name: classes_in(text) for name, text in TEMPLATES.items()}
DRESSED = {
    sheet.relative_to(CSS).as_posix(): dressed_by(sheet.relative_to(CSS).as_posix())
    for sheet in CSS.rglob("*.css")
}


def undressed(page):
    """The classes of a page that sheets dress, and none of its own, with those sheets."""
    parts = put_together(page)
    linked = {"site.css"}.union(*(re.findall(r"static 'css/([^']+)'", TEMPLATES[part]) for part in parts))
    used = set().union(*(CLASSES[part] for part in parts))
    return {
        name: [sheet for sheet in DRESSED if name in DRESSED[sheet]]
        for name in used & set().union(*DRESSED.values()) - set().union(*(DRESSED[sheet] for sheet in linked))
    }


def test_a_page_links_the_sheets_that_dress_it():
    assert {page: found for page in PAGES if (found := undressed(page))} == {}


def test_a_sheet_of_another_area_does_not_dress_a_page():
    assert "lead-picture" in DRESSED["pages/post.css"]
    assert "picture" not in DRESSED["pages/post.css"], "within another alone"
    assert "button" in DRESSED["site.css"]
    assert "blog/post.html" in PAGES
    assert "base.html" not in PAGES
    assert "components/foot.html" in put_together("blog/post.html")
    assert classes_in('<p class="a {% if b %}c--{{ d }} e{% endif %}">') == {"a", "e"}
