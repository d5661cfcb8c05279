"""Words that people and texts part, join or accent each in their way."""

from __future__ import annotations

import pytest

from pole.search import ranking
from pole.search.index import SearchIndex
from tests.factories import ListingFactory, PostFactory
from tests.search.indexes import answer, caught_up

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Écocentre de Salaberry", "éco-centre"), ("Écocentre de Salaberry", "eco centre"),
        ("Coop Agroalimentaire", "agro-alimentaire"), ("Microbrasserie du Canal", "micro-brasserie"),
        ("Le Covoiturage", "co-voiturage"),
    ],
)  # fmt: skip
def test_one_word_is_found_by_its_halves(name, typed):
    wanted = ListingFactory(name=name)
    for number in range(3):
        ListingFactory(name=f"Centre alimentaire {number}"), ListingFactory(name=f"Brasserie {number}")
    _count, _facets, found, _in_order, mistyped = answer(caught_up(SearchIndex()), "enterprises", typed)
    assert found[0] == wanted.pk
    assert mistyped == []


@pytest.mark.parametrize("typed", ["maïs", "mais", "épluchette de maïs", "Maïs soufflé"])
def test_corn_is_no_conjunction(typed):
    wanted = ListingFactory(name="Ferme", products=["maïs"])
    ListingFactory(name="Pomme", products=["cidre"])
    assert answer(caught_up(SearchIndex()), "enterprises", typed)[2] == [wanted.pk]


@pytest.mark.parametrize(
    ("scope", "factory", "field"), [("blog", PostFactory, "title"), ("enterprises", ListingFactory, "name")]
)
def test_french_little_words_select_nothing_in_english(scope, factory, field):
    wanted = factory(**{field: "Prix de la relève"})
    factory(**{field: "Fête de la ville"})
    state = caught_up(SearchIndex())
    for language in ("fr", "en"):
        assert answer(state, scope, "prix de la relève", language)[2] == [wanted.pk]


def test_local_number_finds_a_telephone():
    wanted = ListingFactory(name="Ferme", phone="+14505551143")
    ListingFactory(name="Pomme", phone="+14505551144")
    state = caught_up(SearchIndex())
    for typed in ("555-1143", "5551143"):
        assert answer(state, "enterprises", typed)[2] == [wanted.pk]


@pytest.mark.parametrize(("typed", "finds_both"), [("bio lac", True), ("lac bio", False)])
def test_two_words_are_found_where_they_are_written_as_two(typed, finds_both):
    apart, together = ListingFactory(name="Un lac et du bio"), ListingFactory(name="Biolac")
    found = answer(caught_up(SearchIndex()), "enterprises", typed)[2]
    assert set(found) == ({apart.pk, together.pk} if finds_both else {apart.pk})


@pytest.mark.parametrize("typed", ["boulang", "Boulangeri", "bou-langerie", "boulangeriee"])
def test_word_is_found_by_its_beginning(typed):
    wanted = ListingFactory(name="Boulangerie du Canal")
    ListingFactory(name="Boucherie du Canal")
    assert answer(caught_up(SearchIndex()), "enterprises", typed)[2] == [wanted.pk]


@pytest.mark.parametrize("name", ["CDC du Suroît", "C.D.C. du Suroît", "C. D. C. du Suroît"])
@pytest.mark.parametrize("typed", ["cdc", "c.d.c.", "C. D. C.", "C.D.C"])
def test_acronym_is_one_word_however_it_is_dotted(name, typed):
    wanted = ListingFactory(name=name)
    ListingFactory(name="Centre du Canal")
    assert answer(caught_up(SearchIndex()), "enterprises", typed)[2] == [wanted.pk]


def test_word_that_only_a_former_text_had_corrects_nothing():
    """Else two processes would answer differently, and one tell what another hides."""
    ListingFactory(name="Travail")
    former = ListingFactory(name="Travaux")
    index = SearchIndex()
    caught_up(index)
    former.state = "archived"
    former.save()
    for each in (index, SearchIndex()):
        assert answer(caught_up(each), "enterprises", "trabaux")[2] == []
    assert answer(caught_up(index), "enterprises", "trabail")[4] == ["trabail"]


def test_three_words_of_a_query_are_corrected_at_most(monkeypatch):
    ListingFactory(name="Boulangerie")
    looked_for = []
    monkeypatch.setattr(ranking, "correct", lambda word, *_others: looked_for.append(word) or ["boulangerie"])
    state = caught_up(SearchIndex())
    answer(state, "enterprises", " ".join(f"qwertz{letter}" for letter in "abcdefgh"))
    assert looked_for == ["qwertza", "qwertzb", "qwertzc"]
    assert answer(state, "enterprises", "z" * 41)[2] == []


@pytest.mark.parametrize("typed", ["🐝", "%", "北京", "…"])
def test_signs_alone_find_nothing_and_it_is_said(client, typed):
    ListingFactory(name="Boulangerie")
    for address in ("/repertoire/", "/recherche/"):
        page = client.get(address, {"q": typed}).content.decode()
        assert "ne contient aucun mot que la recherche reconnaît" in page
        assert "Boulangerie" not in page


def test_slip_is_said_as_it_was_typed(client):
    ListingFactory(name="Boulangerie")
    for typed, said in (
        ("boulangrié", "boulangrié"),
        ("boulangrie\u0301", "boulangrié"),
        ("_boulangrié_", "boulangrié"),
    ):
        assert (
            f"Aucune fiche ne correspond exactement à «\u00a0{said}\u00a0»"
            in client.get("/repertoire/", {"q": typed}).content.decode()
        )


def test_groups_of_a_number_are_found_together_alone():
    wanted = PostFactory(title="Rejoindre le 450 555-0125")
    PostFactory(title="Un prix de 450 $")
    PostFactory(title="Le 555, rue Principale")
    state = caught_up(SearchIndex())
    for typed in ("450 555-0125", "(450) 555-0125", "tél. 450.555.0125"):
        assert answer(state, "blog", typed)[2] == [wanted.pk]
    assert answer(state, "blog", "450 555-0199")[2] == []
    assert len(answer(state, "blog", "450 $")[2]) == 2
