"""Another number, other accents, another gender, initials, and words that say nothing."""

from __future__ import annotations

import pytest

from enterprises.models import Listing
from tests.factories import ListingFactory
from tests.relevance import asking

pytestmark = pytest.mark.django_db
FORMS = asking.read_data("forms.toml")


def ask_all(client, queries):
    return {query: asking.ask(client, query) for query in queries}


def report(capsys, title, missed, asked):
    with capsys.disabled():
        print(f"\n{title} : {asking.share(asked - len(missed), asked)}", *missed, sep="\n  ")


def test_both_numbers_of_a_word_find_the_same_in_the_same_order(client, capsys):
    asking.seed_directory()
    assert len(FORMS["numbers"]) >= 40
    answers = ask_all(client, {word for pair in FORMS["numbers"] for word in pair})
    differing = [f"{one} / {other}" for one, other in FORMS["numbers"] if answers[one] != answers[other]]
    report(capsys, "Nombres", differing, len(FORMS["numbers"]))
    assert differing == []
    assert sum(bool(answers[one].total) for one, _other in FORMS["numbers"]) >= 40


def test_accents_and_capitals_change_nothing(client, capsys):
    asking.seed_directory()
    differing, asked = [], 0
    for first, *others in FORMS["writings"]:
        answers = ask_all(client, [first, *others])
        assert answers[first].total, first
        asked += len(others)
        differing += [f"{word} / {first}" for word in others if answers[word] != answers[first]]
    report(capsys, "Accents et majuscules", differing, asked)
    assert differing == []


def test_cooperatives_are_found_by_what_people_call_them(client):
    asking.seed_directory()
    forms = dict(Listing.objects.values_list("slug", "legal_form"))
    for typed in ("coop", "co-op", "coopérative", "COOPS"):
        found = asking.ask(client, typed, count=10).slugs
        assert [forms[slug].partition("_")[0] for slug in found] == ["coop"] * 10, typed


def test_trades_find_what_they_do(client, capsys):
    for _asked, offered in FORMS["trades"]:
        if not Listing.objects.filter(products=[offered]).exists():
            ListingFactory(slug=f"x-{Listing.objects.count()}", name="Chez nous", products=[offered])
    missed = []
    for asked, offered in FORMS["trades"]:
        wanted = Listing.objects.get(products=[offered]).slug
        if asking.ask(client, asked, count=1).slugs != [wanted]:
            missed.append(asked)
    report(capsys, "Métiers", missed, len(FORMS["trades"]))
    assert missed == []


def test_initials_find_the_name_that_they_stand_for(client, capsys):
    asking.seed_directory()
    for number, name in enumerate(dict.fromkeys(name for _asked, name in FORMS["initials"])):
        ListingFactory(slug=f"sigle-{number}", name=name)
    missed = []
    for asked, name in FORMS["initials"]:
        # Others may have the same initials, and six of the demonstration write CPE in their names.
        first = 10 if asked == "CPE" else 3
        wanted = Listing.objects.get(name=name).slug
        if wanted not in asking.ask(client, asked, count=first).slugs:
            missed.append(asked)
    report(capsys, "Sigles", missed, len(FORMS["initials"]))
    assert missed == []


@pytest.mark.parametrize("address", [asking.DIRECTORY, asking.PORTAL])
def test_words_that_say_nothing_are_told_so(client, address):
    ListingFactory(name="Le Rayon libre", mission="À même la rue, de la ville.")
    silent = []
    for typed in FORMS["stop_words"]:
        said = asking.read_page(client, typed, address).css_first('[data-search-said="stop-words"]')
        if said is None or not said.text().strip():
            silent.append(typed)
    assert silent == []


@pytest.mark.parametrize("address", [asking.DIRECTORY, asking.PORTAL])
def test_words_that_say_something_are_not_called_empty(client, address):
    ListingFactory(name="Le Rayon libre")
    for typed in ("le rayon", "zzzz", "", "à"):
        page = asking.read_page(client, typed, address)
        assert (page.css_first('[data-search-said="stop-words"]') is not None) == (typed == "à")
