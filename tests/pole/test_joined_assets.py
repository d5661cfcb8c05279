"""Sheets and scripts in one answer each: what is written, what is refused, and that a browser would read the same."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from hypothesis import given
from hypothesis import strategies as st

from pole.files import static_storage
from pole.files.joined_assets import joined, shortened_sheet

STATIC = settings.BASE_DIR / "static"
LAYER = re.compile(r"@layer [\w, ]+;")


def read(name):
    return (STATIC / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "shortened"),
    [
        ("a { b: c; }\n", "a { b: c; }"),
        ("/* why */\n\n  a  {\n    b: c;\n  }", "a { b: c; }"),
        ('a { content: "/* kept   so */"; }', 'a { content: "/* kept   so */"; }'),
        ("a { content: 'l\\'a  b'; } /* c'est */ b {}", "a { content: 'l\\'a  b'; } b {}"),
        ('q { quotes: "«\\a0" "\\a0»"; }', 'q { quotes: "«\\a0" "\\a0»"; }'),
        ("a/* b */ c {}", "a c {}"),
        ("/* one *//* two */a{}", "a{}"),
        ('/* it\'s one */ a { content: "it\'s"; } /* " */ b {}', 'a { content: "it\'s"; } b {}'),
        ("a { b: calc(1px  +  2px) }", "a { b: calc(1px + 2px) }"),
        ('a { content: "" }', 'a { content: "" }'),
    ],
)
def test_sheet_is_shortened_of_what_says_nothing(written, shortened):
    assert shortened_sheet(written) == f"{shortened}\n"


PIECES = st.one_of(
    st.sampled_from(["a", ".b", "{", "}", ";", "--c:", "1px", ">", "@media print"]),
    st.text(st.characters(exclude_characters='"\\\n\r\f', exclude_categories=["Cs"])).map(
        lambda text: f'"{text}"'
    ),
)
NOTHING = st.one_of(
    st.sampled_from([" ", "\n", "\t  ", "\n\n"]),
    st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"])).map(
        lambda text: f" /*{text}*/ "
    ),
)


@given(st.lists(st.tuples(PIECES, NOTHING)))
def test_whatever_stands_between_words_is_one_space(parts):
    sheet = "".join(piece + nothing for piece, nothing in parts)
    assert shortened_sheet(sheet) == " ".join(piece for piece, _nothing in parts) + "\n"


def test_common_sheet_holds_each_sheet_that_it_imports_in_their_order():
    names = re.findall(r'@import "([^"]+)";', read("css/site.css"))
    assert names[:4] == ["tokens.css", "base.css", "layout.css", "components.css"]
    made = joined("css/site.css", read)
    places = [made.index(shortened_sheet(read(f"css/{name}")).strip()) for name in names]
    assert places == sorted(places)
    assert "@import" not in made
    # Layers are named first of all, so that their order never depends on the sheet that comes first.
    assert LAYER.match(made)


def test_common_script_holds_each_in_a_block_of_its_own():
    files = re.findall(r'import "\./([^"]+)";', read("js/site.js"))
    made = joined("js/site.js", read)
    assert made.count("\n{\n") + made.startswith("{\n") == len(files)
    for file in files:
        for line in read(f"js/{file}").splitlines():
            said = line.strip()
            assert said.startswith(("//", "import ")) or said in made
    assert not re.search(r"^(?:import|export)\b", made, re.MULTILINE)


@pytest.mark.parametrize(
    "text", ["import { a } from './a.js';\n", "export const b = 1;\n", "import './c.js';\n"]
)
def test_script_that_can_t_be_joined_is_refused(text):
    files = {"js/all.js": 'import "./one.js";\n', "js/one.js": text}
    with pytest.raises(ValueError, match=r"js/one\.js"):
        joined("js/all.js", files.__getitem__)


def test_what_a_script_imports_by_name_goes_with_it():
    files = {
        "js/all.js": 'import "./one.js";\n',
        "js/one.js": 'import { a, b } from "./two.js";\n// why\nb(`${a}  // this`);\n',
        "js/two.js": "export const a = 1;\nconst hidden = 2;\nexport async function b() {\n  return hidden;\n}\n",
    }
    assert joined("js/all.js", files.__getitem__) == (
        "{\nconst { a, b } = (() => {\nconst a = 1;\nconst hidden = 2;\nasync function b() {\nreturn hidden;\n}\n"
        "return { a, b };\n})();\nb(`${a}  // this`);\n}\n"
    )


@pytest.mark.parametrize("text", ['@import "other.css";\n', "a { background: url(picture.png); }\n"])
def test_sheet_that_names_another_file_is_refused(text):
    files = {"css/all.css": '@import "pages/one.css";\n', "css/pages/one.css": text}
    with pytest.raises(ValueError, match=r"css/pages/one\.css"):
        joined("css/all.css", files.__getitem__)


@pytest.mark.parametrize("name", ["js/ballot.js", "admin/css/base.css", "prose/x.js", "css/notes.txt"])
def test_other_files_are_served_as_they_are(name):
    assert joined(name, lambda _name: "const a = 1;\n") is None


@pytest.fixture
def made(settings, tmp_path):
    """Static files made in a folder of their own, as `make run` does."""
    settings.STATIC_ROOT = tmp_path / "static"
    backend = "pole.files.static_storage.PortalStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    assert static_storage.collect_if_changed()
    return settings.STATIC_ROOT


def test_static_files_are_made_once_and_again_when_one_changes(made, monkeypatch, settings):
    sheet = next(path for path in made.glob("css/site.*.css") if path.name.count(".") == 2)
    assert sheet.read_text() == joined("css/site.css", read)
    for coding in (".br", ".gz"):
        assert sheet.with_name(sheet.name + coding).stat().st_size < sheet.stat().st_size / 4
    assert not static_storage.collect_if_changed()
    changed = made.parent / "more"
    (changed / "css").mkdir(parents=True)
    (changed / "css" / "more.css").write_text("a { /* why */ b: c; }")
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, changed]
    finders.get_finder.cache_clear()
    try:
        assert static_storage.collect_if_changed()
    finally:
        finders.get_finder.cache_clear()
    assert [path.read_text() for path in made.glob("css/more.*.css")] == ["a { b: c; }\n"]


def test_what_is_compressed_is_written_whole(made, monkeypatch):
    """A file cut short would be kept: it is not compressed again."""
    storage = static_storage.PortalStaticFilesStorage(location=made, base_url="/static/")
    (made / "css" / "a.0123456789ab.css").write_text("a { b: c; }\n" * 100)
    monkeypatch.setattr(
        "pole.server.whole_files.os.fsync", lambda _file: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(OSError, match="full"):
        list(storage.create_compressor(quiet=True).compress(str(made / "css" / "a.0123456789ab.css")))
    assert [path.name for path in made.glob("css/a.*")] == ["a.0123456789ab.css"]
