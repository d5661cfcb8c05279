"""Tellers add their part to the lottery, on the page of the round, before the first paper is typed."""

from __future__ import annotations

import pytest

from forums.models import SealedBox
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote
from tests.forums.rounds.test_reconciliation import text_of

FORM = "Ce que les scrutatrices et scrutateurs ont tiré ou dit"


@pytest.fixture
def closed(make_round):
    """Twelve ballots online and a paper, of a vote that announced its tellers."""
    round = make_round("open", people=13, papers=1, tellers_add=True)
    people = entries(round)
    for entry in people[:12]:
        vote(round, entry)
    close(round, papers_of=people[12:])
    return fresh(round)


def page(staff_client, round):
    return text_of(staff_client.get(address("round", round)))


def test_part_comes_before_the_papers_and_is_in_the_box(closed, staff_client, client):
    assert FORM in page(staff_client, closed)
    assert "Saisir les papiers" not in page(staff_client, closed)
    first = "La part des scrutatrices et scrutateurs dans le tirage vient d’abord"
    assert first in text_of(staff_client.get(address("paper_typing", closed)))
    typed = staff_client.post(
        address("paper_typing", closed), {"serial": serials(closed)[0], "q1": "1", "q2": "0"}, follow=True
    )
    assert first in text_of(typed)
    said = text_of(staff_client.post(address("round_tellers", closed), {"part": "4 2 6"}, follow=True))
    assert "La part des scrutatrices et scrutateurs est entrée et projetée" in said
    assert FORM not in said
    refused = text_of(staff_client.post(address("round_tellers", closed), {"part": "1 1 1"}, follow=True))
    assert "elle ne change jamais" in refused
    type_twice(closed, serials(closed)[0])
    staff_client.post(address("round_seal", closed))
    assert '"tellers_part":"4 2 6"' in SealedBox.objects.get().text
    forum = text_of(client.get(f"/forums/{closed.forum.slug}/"))
    assert "part des scrutatrices et scrutateurs dans le tirage. 4 2 6" in forum
    assert "Personne n’a ajouté de part" not in forum


def test_part_is_refused_rather_than_cut(closed, staff_client):
    """It never changes: what was said in the room would differ for good from what is kept."""
    refused = staff_client.post(address("round_tellers", closed), {"part": "6 " * 101})
    assert (refused.status_code, "C’est trop long" in text_of(refused)) == (422, True)
    assert f'value="{"6 " * 101}"' in refused.content.decode()
    assert fresh(closed).awaits_tellers
    staff_client.post(address("round_tellers", closed), {"part": "6" * 200})
    assert fresh(closed).tellers_part == "6" * 200


def test_dropping_takes_a_public_reason(closed, staff_client, client):
    refused = staff_client.post(address("round_tellers_drop", closed), {"reason": " "})
    assert (refused.status_code, "Remplissez le champ" in text_of(refused)) == (422, True)
    assert 'href="#id_reason"' in refused.content.decode()
    assert fresh(closed).awaits_tellers
    said = text_of(
        staff_client.post(
            address("round_tellers_drop", closed), {"reason": "Personne n’est venu."}, follow=True
        )
    )
    assert "Le tirage se fera sans les scrutatrices et scrutateurs" in said
    assert "Personne n’est venu." in text_of(client.get(f"/forums/{closed.forum.slug}/"))
    assert "Personne n’est venu." in text_of(client.get(f"/forums/{closed.forum.slug}/tours/1/ecran/"))


def test_closing_without_paper_waits_for_the_part(make_round, staff_client):
    round = make_round("open", people=3, tellers_add=True)
    said = text_of(staff_client.post(address("round_close", round), follow=True))
    assert FORM in said
    assert not SealedBox.objects.exists()
    staff_client.post(address("round_tellers", round), {"part": "4 2 6"})
    assert "Sceller l’urne" in page(staff_client, round)
    staff_client.post(address("round_seal", round))
    assert SealedBox.objects.exists()


def test_opening_page_says_whether_tellers_add(make_round, staff_client):
    for adds in (False, True):
        said = text_of(staff_client.get(address("round_open", make_round("drawn", tellers_add=adds))))
        assert ("qu’ils ajoutent après la fermeture" in said) is adds
        assert ("personne n’ajoute de part" in said) is not adds


def test_form_fixes_it_before_the_vote(make_round, staff_client):
    round = make_round("planned")
    assert 'name="tellers_add"' in text_of(staff_client.get(address("round_edit", round)))
