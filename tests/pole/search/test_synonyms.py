"""Synonyms: the groups proposed with the portal, those of the hub, and the terms that a query stands for."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pole.caching.public_pages import read_public_state
from pole.models import MenuItem, SynonymGroup
from pole.search import any_word_query, current_synonyms, expand_synonyms, query_words, synonyms_at
from pole.search.synonym_groups import MAX_TERM_LENGTH, MAX_TERMS, default_groups, key_of, name_of_default
from pole.search.synonyms import Synonyms
from pole.search.words import all_words
from tests.factories import PostFactory

# What is typed, one of the terms that must be searched too, and one that must not.
TYPED = [
    ("garderie", "CPE", "école"),
    ("C.P.E.", "centre de la petite enfance", "école"),
    ("centres petite enfance", "garderie", "jeune"),
    ("menuisière", "menuiserie", "plombier"),
    ("menuisiers", "charpentier", "ébéniste"),
    ("coiffeuses", "coiffure", "esthéticienne"),
    ("co-op", "coopérative", "OBNL"),
    ("Coops", "coopérative", "mutuelle"),
    ("coop d’habitation", "coopérative d’habitation", "loyer"),
    ("O.B.N.L.", "organisme à but non lucratif", "coop"),
    ("OSBL", "nonprofit", "organisme communautaire"),
    ("corporations de développement communautaire", "CDC", "CLD"),
    ("É.É.S.A.D.", "aide à domicile", "CHSLD"),
    ("aide domicile", "EESAD", "logement"),
    ("office d’habitation", "OMH", "appartement"),
    ("resto", "restaurant", "épicerie"),
    ("dépanneurs", "épicerie", "banque alimentaire"),
    ("bécane", "vélo", "auto"),
    ("char", "automobile", "vélo"),
    ("ménage", "nettoyage", "déménagement"),
    ("job", "emploi", "bénévolat"),
    ("appart", "logement", "chalet"),
    ("gym", "conditionnement physique", "piscine"),
    ("thrift shop", "friperie", "quincaillerie"),
    ("snow removal", "déneigement", "tonte de gazon"),
    ("lavage de vitres", "laveuse de vitres", "vitrier"),
    ("saumon", None, "pêche"),
]


def terms_for(typed: str, synonyms: Synonyms) -> set[tuple[str, ...]]:
    return {term for found in synonyms.alternatives(query_words(typed)) for term in found.terms}


@pytest.fixture(scope="module")
def proposed():
    return Synonyms(default_groups())


# --- The groups of the file --------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "also", "never"), TYPED)
def test_what_is_typed_stands_for_other_terms(proposed, typed, also, never):
    found = terms_for(typed, proposed)
    assert (also is None and not found) or tuple(all_words(also)) in found
    assert tuple(all_words(never)) not in found


def test_groups_of_the_file_are_as_a_hub_may_write_them():
    assert len(default_groups()) > 300
    for terms in default_groups():
        assert 2 <= len(terms) <= MAX_TERMS, terms
        assert all(key_of(term) and len(term) <= MAX_TERM_LENGTH for term in terms), terms


def test_a_term_of_the_file_is_written_once():
    from django.conf import settings

    lines = (settings.BASE_DIR / "pole" / "data" / "synonyms.txt").read_text("utf-8").splitlines()
    written = [term for line in lines if not line.startswith("#") for term in line.split(",") if term.strip()]
    assert len(written) == len({key_of(term) for term in written})
    names = [name_of_default(terms) for terms in default_groups()]
    assert len(names) == len(set(names))


# --- Found in a query --------------------------------------------------------------------------


def test_places_of_a_query_longest_terms_first():
    synonyms = Synonyms(
        [["banque alimentaire", "food bank"], ["banque", "caisse"], ["alimentaire", "bouffe"]]
    )
    words = query_words("la banque alimentaire, une banque d’aide alimentaire")
    assert words == ["la", "banque", "alimentaire", "une", "aide"]
    [found] = synonyms.alternatives(words)
    assert (found.start, found.end, found.terms) == (1, 3, (("food", "bank"),))
    alone = synonyms.alternatives(["alimentaire", "banque"])
    assert [(each.start, each.end, each.terms) for each in alone] == [
        (0, 1, (("bouffe",),)),
        (1, 2, (("caisse",),)),
    ]


def test_alternatives_are_in_the_order_of_the_query():
    synonyms = Synonyms([["banque alimentaire", "food bank"], ["caisse", "guichet"]])
    found = synonyms.alternatives(["caisse", "banque", "alimentaire"])
    assert [(each.start, each.end) for each in found] == [(0, 1), (1, 3)]


def test_little_words_do_not_part_a_term():
    synonyms = Synonyms([["service de garde", "garderie"]])
    # A query says "de" once: its second place is the first one's.
    [found] = synonyms.alternatives(query_words("projet de services de garde"))
    assert (found.start, found.end) == (2, 4)
    [found] = synonyms.alternatives(["service", "de", "la", "garde"])
    assert (found.start, found.end) == (0, 4)


def test_term_with_both_numbers_of_a_word_is_found():
    synonyms = Synonyms([["eau et eaux usées", "égout"]])
    [found] = synonyms.alternatives(query_words("réseau d’eau et eaux usées"))
    assert (found.start, found.end) == (1, 5)


def test_term_of_two_groups_has_the_others_of_both():
    """As when a later file takes a term that a hub had in a group of its own."""
    synonyms = Synonyms([["bac", "traversier"], ["bac", "compost"]])
    assert terms_for("bac", synonyms) == {("traversier",), ("compost",)}
    assert terms_for("traversiers", synonyms) == {("bac",)}


def test_what_cannot_be_compared_is_left_out():
    synonyms = Synonyms([["…", "de la", "thé", "tisane"], [], ["seul"]])
    assert terms_for("thé", synonyms) == {("tisane",)}
    assert terms_for("de la", synonyms) == terms_for("seul", synonyms) == set()
    assert Synonyms([]).alternatives(["garderie"]) == []


WORDS = st.sampled_from(
    ["velo", "velos", "de", "la", "co", "op", "coop", "eau", "eaux", "d", "a", "s", "bus"]
)
TERMS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@given(st.lists(st.lists(TERMS, max_size=5), max_size=5), st.lists(WORDS, max_size=12))
def test_alternatives_lie_in_the_query_and_never_are_what_was_typed(groups, words):
    synonyms, end = Synonyms(groups), 0
    for found in synonyms.alternatives(words):
        assert end <= found.start < found.end <= len(words)
        end = found.end
        typed = key_of(" ".join(words[found.start : found.end]))
        assert found.terms
        assert typed not in {key_of(" ".join(term)) for term in found.terms}


@given(st.lists(TERMS, min_size=2, max_size=5))
def test_within_a_group_each_term_stands_for_each_other(group):
    synonyms = Synonyms([group])
    for one in group:
        for other in group:
            if key_of(one) and key_of(other) and key_of(one) != key_of(other):
                keys = {key_of(" ".join(term)) for term in terms_for(one, synonyms)}
                assert key_of(other) in keys


# --- Those of the hub ---------------------------------------------------------------------------


def test_hub_adds_changes_and_switches_off(db):
    SynonymGroup.objects.create(terms=["bac", "traversier"])
    SynonymGroup.objects.create(replaces="cpe", terms=["CPE", "La Marelle"])
    SynonymGroup.objects.create(replaces="coiffeur", is_off=True)
    synonyms = current_synonyms()
    assert terms_for("traversiers", synonyms) == {("bac",)}
    assert terms_for("CPE", synonyms) == {("la", "marelle")}
    assert terms_for("garderie", synonyms) == terms_for("coiffeuse", synonyms) == set()
    assert ("menuiserie",) in terms_for("menuisier", synonyms)


def test_group_that_the_file_names_otherwise_is_still_replaced(db):
    """A later file may begin a group with another of its terms, and no longer have a group at all."""
    SynonymGroup.objects.create(replaces="garderie", is_off=True)
    SynonymGroup.objects.create(replaces="metier-disparu", terms=["forgeron", "forge"])
    SynonymGroup.objects.create(replaces="autre-metier-disparu", is_off=True)
    synonyms = current_synonyms()
    assert terms_for("CPE", synonyms) == set()
    assert terms_for("forge", synonyms) == {("forgeron",)}


def test_groups_are_read_once_for_each_version_of_the_hub(db, django_assert_num_queries):
    def ask():
        return terms_for("bac", synonyms_at(read_public_state(timezone.now())))

    assert ask() == set()
    with django_assert_num_queries(1):
        ask()
    for change in (
        lambda: SynonymGroup.objects.create(terms=["bac", "traversier"]),
        lambda: SynonymGroup.objects.update(terms=["bac", "ferry"]),
        lambda: SynonymGroup.objects.all().delete(),
        lambda: MenuItem.objects.update(label="Autre"),
    ):
        before = read_public_state(timezone.now()).version_of("hub")
        change()
        assert read_public_state(timezone.now()).version_of("hub") > before
        assert ask() == {("traversier",), ("ferry",)} & ask()
        with django_assert_num_queries(1):
            ask()


@pytest.mark.parametrize(
    "fields",
    [
        {"terms": ["seul"]},
        {"terms": []},
        {"terms": [f"t{number}" for number in range(31)]},
        {"terms": ["bac", "traversier"], "is_off": True},
        {"replaces": "cpe", "terms": ["CPE"]},
    ],
)
def test_database_keeps_what_no_form_may_write(db, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        SynonymGroup.objects.create(**fields)


def test_database_keeps_one_row_for_a_proposed_group(db):
    SynonymGroup.objects.create(replaces="cpe", is_off=True)
    with pytest.raises(IntegrityError, match="synonyms_replace_one_group"), transaction.atomic():
        SynonymGroup.objects.create(replaces="cpe", terms=["CPE", "garderie"])


# --- Searched -----------------------------------------------------------------------------------


def test_flat_expansion_has_the_terms_of_one_word(db):
    SynonymGroup.objects.create(terms=["bac", "traversier", "bateau passeur", "l’Estacade"])
    assert expand_synonyms(["le", "bac"]) == ["le", "bac", "traversier", "estacade"]
    assert expand_synonyms([]) == []


@pytest.mark.parametrize(
    ("title", "typed", "is_found"),
    [
        ("Une corporation de développement communautaire", "CDC", True),
        ("Une corporation du développement communautaire", "C.D.C.", True),
        ("Le développement communautaire d’une corporation d’ici", "CDC", False),
        ("Une coopérative d’habitation", "housing co-op", True),
        ("Une coopérative de l’habitation", "housing co-op", True),
        ("Une halte-garderie", "CPE", True),
        ("Un CPE", "halte-garderies", True),
    ],
)
def test_term_of_several_words_is_searched_as_a_phrase(client, db, title, typed, is_found):
    PostFactory(title=title, summary="", body="")
    assert (title in client.get("/recherche/", {"q": typed}).text) == is_found


def test_query_without_words_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert any_word_query([]) is None


def test_page_of_results_is_made_again_with_new_synonyms(client, db):
    PostFactory(title="Le traversier", summary="", body="")
    found = client.get("/recherche/", {"q": "bac"})
    assert "Le traversier" not in found.text
    SynonymGroup.objects.create(terms=["bac", "traversier"])
    again = client.get("/recherche/", {"q": "bac"}, headers={"If-None-Match": found["ETag"]})
    assert again.status_code == 200
    assert "Le traversier" in again.text
