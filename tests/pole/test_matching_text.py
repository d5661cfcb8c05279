"""What staff type finds what the list holds, however either is written; Python folds as the database does."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from django.conf import settings as portal
from django.db import connection
from django.db.models import Value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from enterprises.models import Listing
from enterprises.views.staff_filters import StaffFilters
from pole.search import unaccented
from pole.text.matching import MAX_TYPED, MAX_WORDS, matching_text, typed_text
from tests.factories import UserFactory

ROOT = Path(portal.BASE_DIR)
LETTERS = [chr(code) for code in range(1, 0x10000) if unicodedata.category(chr(code)).startswith("L")]
# The dictionary knows the capital Ɩ alone of two, and neither sign of which the capital of ẚ is made.
LATIN = [letter for letter in LETTERS if "LATIN" in unicodedata.name(letter, "") and letter not in "Ɩɩẚ"]
# Those that the database's dictionary drops. Greek alone has U+0345, whose capital is a letter, Ι.
MARKS = [chr(code) for code in range(0x300, 0x363) if code != 0x345]
FORMS = ("NFC", "NFD")
WORDS = st.text(
    st.sampled_from([*LATIN, *MARKS, *"éøßİıœæﬁàÉçüñĐđộẾữğşŞ’'-0123456789🐝"]), min_size=2, max_size=9
)


def names_found(typed):
    return set(matching_text(User.objects.all(), typed, "name", "email").values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Anne Roy", "roy anne"),
        ("Anne Roy", "ANNE\u00a0ROY"),
        ("Anne Roy", "  anne  "),
        ("Anne Roy", "“Roy”, Anne"),
        ("Anne Roy", "roy - anne"),
        ("Anne Roy", "roy."),
        ("Marc Saint-Jean", "saint jean"),
        ("Marc Saint-Jean", "saint\u2011jean"),
        ("Marc Saint Jean", "saint-jean"),
        ("Marc Saint\u00a0Jean", "Saint–Jean"),
        ("Zoé de L’Écluse", "l'écluse"),
        ("Zoé de L'Ecluse", "l’écluse"),
        ("Zoé de L’Écluse", "ecluse"),
        ("Zoé de L’Écluse", "l ecluse"),
        ("Cœur-Ève", "coeur eve"),
        ("Coeur Eve", "cœur"),
        ("Ève Œuvrard", "OEUVRARD"),
        ("Nguyễn Thị Ánh", "nguyen anh thi"),
        ("Şükrü Işık", "isik sukru"),
        ("İpek Yılmaz", "ipek YILMAZ"),
        ("Bjørn Straße", "strasse bjorn"),
        ("Ǿystein", "oystein"),
        ("E\u0301lise", "élise"),
        ("Élise", "e\u0301lise"),
        ("Abeille 🐝 Roy", "roy 🐝"),
        ("Abeille 🐝 Roy", "abeille"),
        ("Tél. 418-555-1234", "4185551234"),
        ("Tél. 418-555-1234", "(418) 555 1234"),
        ("Tél. 4185551234", "418 555-1234"),
        ("Tél. 418\u00a0555\u202f1234", "5551234"),
        ("100 %_ laine \\", "100 %_"),
        ("100 %_ laine \\", "\\"),
        ("Σοφία Νίκος", "νικος ΣΟΦΙΑ"),
    ],
)
def test_a_name_is_found_however_it_is_typed(db, name, typed):
    UserFactory(name=name)
    UserFactory(name="Quelqu’une autre")
    assert names_found(typed) == {name}


@pytest.mark.parametrize(
    "typed",
    [
        "anne roi",
        "%",
        "_",
        "\\",
        "'; --",
        "-",
        "…",
        "\x00'",
        "ann\x1froy",
        "yanne",
        "a" * 10_000,
        "%" * 10_000,
    ],
)
def test_what_no_row_holds_finds_none(db, typed):
    UserFactory(name="Anne Roy", email="anne@exemple.example")
    assert names_found(typed) == set()


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\x00", "\u200b", "\ud800"])
def test_nothing_typed_finds_every_row(db, typed):
    UserFactory(name="Anne Roy")
    assert names_found(typed) == {"Anne Roy"}


def test_a_number_is_not_read_across_two_fields(db):
    UserFactory(name="Local 12", email="34@exemple.example")
    assert names_found("1234") == set()
    assert names_found("12 34") == {"Local 12"}


def test_a_null_and_a_number_are_searched_too(db):
    user = UserFactory(name="Anne Roy")
    fields = ("name", "last_login", Value(None), Value(4321))
    assert matching_text(User.objects.all(), "roy 43", *fields).get() == user


def test_a_long_text_is_cut_and_its_first_words_searched():
    assert typed_text("é" * 10_000) == "é" * MAX_TYPED
    assert typed_text(" a\x00\u200b\tb\n ") == "a b"
    rows = matching_text(User.objects.all(), " ".join(f"mot{n}" for n in range(10_000)), "name")
    assert str(rows.query).count("LIKE") <= MAX_WORDS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(words=["Ŀl", "ŉa", "aﬁb"])
@example(words=["0ʝ"])
@example(words=["1-2", "a'1", "e\u0301\u0323e"])
@given(words=st.lists(WORDS, min_size=1, max_size=3))
def test_every_part_of_a_word_finds_the_name(db, words):
    name = " ".join(words)
    parts = {
        word[start:end]
        for word in words
        for start in range(len(word))
        for end in range(start + 2, len(word) + 1)
    }
    assert not_found([(name, part) for part in parts]) == []


def test_every_letter_and_mark_is_found_within_a_word(db):
    words = [word for sign in (*LATIN, *MARKS) for word in (f"a{sign}b", f"{sign}0")]
    assert not_found([(word, word) for word in words]) == []


def not_found(pairs):
    """Of pairs of a name and what is typed, in each way of writing both: those of which the second finds nothing."""
    written = [
        (stored, typed)
        for name, part in pairs
        for stored in {name, *(unicodedata.normalize(form, name) for form in FORMS)}
        for typed in {part, part.upper(), *(unicodedata.normalize(form, part) for form in FORMS)}
    ]
    query = """
        SELECT stored, typed, without FROM unnest(%s::text[], %s::text[]) AS written(stored, typed),
            LATERAL pole_unaccent(typed) AS without
        WHERE strpos(pole_matching_text(ARRAY[stored]), pole_matching_text(ARRAY[typed])) = 0
            OR strpos(pole_matching_text(ARRAY[stored]), pole_matching_text(ARRAY[without])) = 0
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [list(column) for column in zip(*written, strict=True)])
        return cursor.fetchall()


def test_each_latin_letter_is_found_in_small_and_capital_without_its_marks(db):
    query = """
        SELECT letter, typed FROM unnest(%s::text[], %s::text[]) AS pair (letter, typed)
        WHERE pole_matching_text(ARRAY['x' || letter]) <> pole_matching_text(ARRAY['x' || typed])
            OR pole_matching_text(ARRAY['x' || letter]) <> pole_matching_text(ARRAY['x' || pole_unaccent(typed)])
    """
    pairs = [(letter, typed) for letter in LATIN for typed in (letter, letter.upper(), letter.lower())]
    with connection.cursor() as cursor:
        cursor.execute(query, [list(side) for side in zip(*pairs, strict=True)])
        assert cursor.fetchall() == []


def test_python_folds_letters_as_the_database_does(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT letter, pole_unaccent_lower(letter) FROM unnest(%s::text[]) AS letter", [LETTERS]
        )
        folded = dict(cursor.fetchall())
    assert len(folded) > 48_000
    differ = {
        (letter, there, unaccented(letter))
        for letter, there in folded.items()
        if there != letter.lower() and there != unaccented(letter)
    }
    assert differ == set()


def test_listings_are_searched_by_their_index(db):
    rows = StaffFilters({"q": "erabliere 4185"}, queryset=Listing.objects.all()).qs
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "listing_searched_by_staff" in rows.explain()


# --- One way to search: nothing else compares a part of a text ----------------------------------

PARTS = re.compile(
    r"__i?(?:contains|startswith|endswith|regex)\b|__(?:search|unaccent|trigram\w*)\b|\bStrIndex\b|\bTrigram\w+\("
)
# Which modules do it, and why none of it is what staff type above a list.
OTHER_WAYS = {
    "pole/text/matching.py": "the one way",
    "pole/text/slugs.py": "addresses already taken",
    "accounts/models.py": "a role in an array",
    "accounts/privacy/__init__.py": "a role in an array",
    "accounts/hooks/diagnostics.py": "a role in an array",
    "accounts/team/roles.py": "a role in an array",
    "blog/models.py": "the form of a target, in a constraint",
    "blog/views/desk_lists.py": "an author in an array",
    "desk/pictures.py": "the texts that hold the address of a file",
    "enterprises/duplicates/nearby.py": "what two listings may share, weighed afterwards",
    "enterprises/ownership/mentions.py": "what may be the enterprise that someone mentions, to be asked",
    "enterprises/models/listing.py": "the form of a number, in a constraint",
    "enterprises/search/geocoding.py": "postal codes of a zone, typed by visitors",
    "forums/models/round.py": "the form of a code, in a constraint",
    "pole/models.py": "the form of an address, in a constraint",
    "forums/vote/receipts.py": "a hash in an array",
    "forums/agenda/listing.py": "a moment in a span of time",
}
# Boxes that are not the component of the lists: visitors', the door's, which a script follows, and those beside other filters.
OTHER_BOXES = {
    *(
        "search.html",
        "errors/404.html",
        "components/site_search.html",
        "enterprises/list.html",
        "enterprises/map.html",
        "enterprises/buyer.html",
    ),
    *(
        "enterprises/search_box.html",
        "components/list_search.html",
        "forums/door.html",
        "forums/review_list.html",
    ),
}


OUR_PACKAGES = ("pole", "accounts", "desk", "comments", "blog", "enterprises", "forums")


def sources():
    for package in OUR_PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_no_module_compares_parts_of_texts_in_a_way_of_its_own():
    assert {path for path, text in sources() if PARTS.search(text)} == set(OTHER_WAYS)


def test_no_list_has_a_box_of_its_own():
    templates = ROOT / "templates"
    boxes = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.html")
        if 'type="search"' in path.read_text(encoding="utf-8")
    }
    assert boxes == OTHER_BOXES


def test_no_script_folds_what_is_typed():
    """They ask the server, so that none can disagree with it."""
    folding = re.compile(r"\.normalize\(|localeCompare|toLocaleLowerCase|Intl\.Collator")
    scripts = (ROOT / "static/js").rglob("*.js")
    assert [path.name for path in scripts if folding.search(path.read_text(encoding="utf-8"))] == []
