"""The portal's illustrations: of one hand, small, safe to serve, and one for whatever asks for its own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings

from blog.post_kinds import PostKind
from pole.files.drawings import GENERAL, Size, drawing_html, drawings

FOLDER = Path(settings.BASE_DIR) / "static" / "drawings"
NAMES = sorted(path.stem for path in FOLDER.iterdir())
SVG = "{http://www.w3.org/2000/svg}"
# What draws, and nothing that runs, is read or comes from elsewhere.
ELEMENTS = {"svg", "style", "defs", "g", "use", "path", "circle", "ellipse", "rect"}
ATTRIBUTES = {"viewBox", "id", "class", "d", "cx", "cy", "r", "rx", "ry", "x", "y", "width", "height", "transform", "href", "stroke-dasharray"}  # fmt: skip
SIZES = {"region": Size(1600, 640), "region-etroite": Size(800, 640)}
# In the light, then in the dark.
PALETTE = {
    "sky": ("#e3ede8", "#2a383d"),
    "cloud": ("#fdf6e6", "#40525a"),
    "ground": ("#cfe0c6", "#36503f"),
    "leaf": ("#8db98c", "#578a6c"),
    "pine": ("#2f6b4c", "#418463"),
    "water": ("#a8cedb", "#3a6178"),
    "blue": ("#3c6e8f", "#6a9dbb"),
    "rust": ("#c2602c", "#cf7a4a"),
    "gold": ("#f0bd52", "#dba945"),
    "cream": ("#fdf6e6", "#d9cfba"),
    "wood": ("#8a5b3d", "#8f6647"),
    "ink": ("#22332e", "#0d1414"),
    "grey": ("#9db0a6", "#6f8379"),
    "fair": ("#efc5a0", "#d8ac86"),
    "tan": ("#c68b5f", "#b57d54"),
}
LINE = "svg{fill:currentColor}.l{fill:none;stroke:currentColor;stroke-linecap:round;stroke-linejoin:round}"


def read(name: str) -> tuple[str, ElementTree.Element]:
    text = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    return text, ElementTree.fromstring(text)


def classes(root: ElementTree.Element) -> list[str]:
    return [name for element in root.iter() for name in element.get("class", "").split()]


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_small_and_has_the_size_of_its_place(name):
    text, root = read(name)
    assert drawings()[name] == SIZES.get(name, Size(480, 360))
    assert root.get("viewBox") == "0 0 {} {}".format(*drawings()[name])
    assert len(text.encode()) <= (9_216 if name in SIZES else 4_096)


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_draws_and_does_nothing_else(name):
    text, root = read(name)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    assert {attribute for element in root.iter() for attribute in element.attrib} <= ATTRIBUTES
    assert "<!DOCTYPE" not in text
    # Within itself alone: shapes that it shows more than once.
    shown = {element.get("href") for element in root.iter(f"{SVG}use")}
    own = [element.get("id") for element in root.iter() if element.get("id")]
    assert shown == {f"#{name}" for name in own}
    assert len(own) == len({*own})
    assert re.findall(r"https?:[^\"]*|url\(|@import|data:", text) == ["http://www.w3.org/2000/svg"]
    assert [element.text for element in root.iter() if element.tag != f"{SVG}style" and (element.text or "").strip()] == []  # fmt: skip
    assert [element.tail for element in root.iter() if (element.tail or "").strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_has_the_colours_of_all_in_the_light_and_in_the_dark(name):
    _text, root = read(name)
    [style] = root.iter(f"{SVG}style")
    used = {*classes(root)} - {"l"}
    colours = [each for each in PALETTE if each in used]
    widths = {each for each in used if re.fullmatch(r"s\d+", each)}
    assert used == {*colours} | widths
    rules = (style.text or "").strip().replace("\n", "")
    light, dark = ("".join(f".{each}{{color:{PALETTE[each][theme]}}}" for each in sorted(colours)) for theme in (0, 1))  # fmt: skip
    found = re.fullmatch(
        re.escape(LINE) + r"(?P<widths>(?:\.s\d+\{stroke-width:\d+\})*)"
        r"(?P<light>(?:\.\w+\{color:#[0-9a-f]{6}\})*)"
        r"@media \(prefers-color-scheme:dark\)\{(?P<dark>(?:\.\w+\{color:#[0-9a-f]{6}\})*)\}",
        rules,
    )
    assert found
    assert {*re.findall(r"\.(s\d+)", found["widths"])} == widths
    assert [sorted(re.findall(r"\.\w+\{[^}]*\}", found[theme])) for theme in ("light", "dark")] == [
        sorted(re.findall(r"\.\w+\{[^}]*\}", wanted)) for wanted in (light, dark)
    ]


def test_each_sector_and_each_kind_of_post_has_its_own():
    sectors = tomllib.loads(
        (Path(settings.BASE_DIR) / "enterprises" / "data" / "sectors.toml").read_text(encoding="utf-8")
    )["sector"]
    assert {f"secteur-{sector['code']}" for sector in sectors} == {
        name for name in NAMES if name.startswith("secteur-")
    }
    assert {f"genre-{kind.value}" for kind in PostKind} == {
        name for name in NAMES if name.startswith("genre-")
    }


def test_each_drawing_that_a_template_names_exists():
    named = {
        name
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for name in re.findall(r'(?:{% drawing |\bdrawing=)"([^"]*)"', path.read_text(encoding="utf-8"))
    }
    assert {"perdu", "vide-repertoire"} <= named <= {*NAMES}


def test_no_two_drawings_are_the_same():
    assert len({read(name)[0] for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(("asked", "shown"), [("perdu", "perdu"), ("secteur-inconnu", GENERAL)])
def test_what_has_no_drawing_shows_the_general_one(asked, shown):
    assert drawing_html(asked, "thumb") == (
        f'<img class="thumb" src="/static/drawings/{shown}.svg" width="480" height="360" alt="" loading="lazy">'
    )
