"""The form: signing in, resembling ones, errors, double clicks, and the author's own changes."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from forums.forms.recommendations import ProposalForm
from forums.models import Recommendation
from forums.recommendations import editing, rules
from tests.conftest import signed_in
from tests.factories import ForumFactory, RecommendationFactory, UserFactory
from tests.seen import seen


def typed(**changes):
    with time_machine.travel(timezone.now() - timezone.timedelta(seconds=10)):
        token = ProposalForm.new_form_token()
    return {
        "kind": "issue", "title": "Le dernier kilomètre", "description": "Aucun autobus après 18 h.",
        "signed": "nobody", "organisation": "", "shown": token, "compared": "", "subject": "",
    } | changes  # fmt: skip


@pytest.fixture
def url(forum):
    return reverse("forums:recommendation_propose", args=[forum.slug])


def page(response, status=200):
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_citizen_proposes_and_is_thanked(citizen_client, forum, url):
    response = citizen_client.post(url, typed(), follow=True)
    row = Recommendation.objects.get()
    assert (row.state, row.kind, row.title) == ("proposed", "issue", "Le dernier kilomètre")
    assert row.description == "Aucun autobus après 18\N{NO-BREAK SPACE}h."
    assert "Merci" in page(response)


@pytest.mark.parametrize(
    ("changes", "name", "is_person"),
    [
        ({"signed": "me"}, "Camille Roy", True),
        ({"signed": "organisation", "organisation": "Coop du Fleuve"}, "Coop du Fleuve", False),
        ({"signed": "nobody", "organisation": "Coop du Fleuve"}, "", False),
        (
            {"signed": "nobody", "author_name": "Quelqu’un", "state": "accepted", "is_on_ballot": "1"},
            "",
            False,
        ),
    ],
)
def test_name_shown_is_the_one_chosen(citizen_client, url, changes, name, is_person):
    citizen_client.post(url, typed(**changes))
    row = Recommendation.objects.get()
    assert (row.author_name, row.is_person_named) == (name, is_person)
    assert (row.state, row.is_on_ballot) == ("proposed", False)


def test_double_click_makes_one(citizen_client, url):
    sent = typed()
    for _ in range(2):
        citizen_client.post(url, sent)
    assert Recommendation.objects.count() == 1


def test_what_a_visitor_typed_survives_signing_in(client, citizen, forum, url):
    response = client.post(url, typed(title="Ce que j’avais écrit", signed="me"))
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={url}"
    client.post(
        reverse("account_login"),
        {"login": citizen.email, "password": "une phrase assez longue", "next": url},
    )
    back = page(client.get(url))
    assert 'value="Ce que j’avais écrit"' in back
    assert "Aucun autobus après 18 h." in back
    assert Recommendation.objects.count() == 0
    client.post(url, typed(title="Ce que j’avais écrit"))
    assert 'value="Ce que j’avais écrit"' not in page(client.get(url))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Donnez un titre à votre recommandation."),
        ({"title": "   \u200b"}, "Donnez un titre à votre recommandation."),
        ({"title": "x" * 161}, "160"),
        ({"title": "10% " * 40}, "160"),
        ({"description": "x" * 2001}, "2000"),
        ({"kind": "autre"}, "autre"),
        ({"signed": "organisation"}, "Indiquez le nom de l’organisation."),
        ({"shown": "forged"}, "Ce formulaire a expiré."),
        ({"subject": "spam"}, "C’était très rapide."),
        ({"title": "Nul \x00 octet", "kind": ""}, "Précisez s’il s’agit d’un enjeu ou d’une opportunité."),
    ],
)
def test_bad_input_is_explained_and_nothing_is_lost(citizen_client, url, changes, said):
    response = citizen_client.post(url, typed(**{"description": "Mon long texte.", **changes}))
    shown = page(response, 400)
    assert said in shown
    if "description" not in changes:
        assert "Mon long texte." in shown
    assert Recommendation.objects.count() == 0


def test_track_of_another_forum_is_refused(citizen_client, forum, url):
    forum.tracks.create(position=1, title="Le nôtre")
    foreign = ForumFactory().tracks.create(position=1, title="Le leur")
    assert citizen_client.post(url, typed(track=foreign.pk)).status_code == 400
    assert Recommendation.objects.count() == 0


def test_resembling_ones_are_shown_before_sending(citizen_client, forum, url):
    near = RecommendationFactory(forum=forum, title="Des autobus au dernier kilomètre")
    RecommendationFactory(
        forum=forum, title="Des autobus au dernier kilomètre (en attente)", state="proposed"
    )
    RecommendationFactory(title="Le dernier kilomètre, dans un autre forum")
    RecommendationFactory(forum=forum, title="Une halte-garderie")
    shown = page(citizen_client.post(url, typed()))
    assert Recommendation.objects.filter(title="Le dernier kilomètre").count() == 0
    assert near.get_absolute_url() in shown
    assert "(en attente)" not in shown
    assert "dans un autre forum" not in shown
    assert "halte-garderie" not in shown
    assert f'name="compared" value="{near.pk}"' in shown
    citizen_client.post(url, typed(compared=str(near.pk)))
    assert Recommendation.objects.filter(title="Le dernier kilomètre").count() == 1


def test_closed_forum_keeps_the_text_on_the_page(citizen_client, db):
    forum = ForumFactory(cancelled_at=timezone.now())
    url = reverse("forums:recommendation_propose", args=[forum.slug])
    assert "ne reçoit pas de recommandations" in page(citizen_client.get(url))
    shown = page(citizen_client.post(url, typed()), 409)
    assert "Aucun autobus après" in shown
    assert Recommendation.objects.count() == 0


def test_limit_is_said_and_keeps_the_text(citizen_client, url):
    for n in range(rules.MAX_PROPOSALS):
        citizen_client.post(url, typed(title=f"Numéro{n}", description=""))
    shown = page(citizen_client.post(url, typed(title="De trop")), 409)
    assert 'value="De trop"' in shown
    assert Recommendation.objects.count() == rules.MAX_PROPOSALS


def test_form_is_a_404_where_there_are_no_recommendations(client, db):
    for fields in ({"announced_at": None}, {"has_participation": False}):
        forum = ForumFactory(**fields)
        assert client.get(reverse("forums:recommendation_propose", args=[forum.slug])).status_code == 404


# --- The author's own changes ----------------------------------------------------------------------


@pytest.fixture
def own(forum, citizen):
    return RecommendationFactory(forum=forum, author=citizen, state="proposed", title="Avant")


def revise_url(row):
    return reverse("forums:recommendation_revise", args=[row.forum.slug, row.pk])


def test_author_changes_what_awaits_review(citizen_client, own):
    assert 'value="Avant"' in page(citizen_client.get(revise_url(own)))
    citizen_client.post(
        revise_url(own), {"kind": "issue", "title": "Après", "title_en": "After", "version": 1}
    )
    own.refresh_from_db()
    assert (own.title, own.title_en, own.state) == ("Après", "After", "proposed")


def test_others_own_proposals_are_a_404(own):
    assert signed_in(UserFactory()).get(revise_url(own)).status_code == 404
    assert signed_in(UserFactory()).post(revise_url(own), {"title": "x"}).status_code == 404


def test_reviewed_in_between_keeps_the_text(citizen_client, own, team, monkeypatch):
    shown = page(citizen_client.get(revise_url(own)))
    assert 'name="version" value="1"' in shown
    editing.edit(
        recommendation=own, content=editing.RecommendationContent(kind="issue", title="De l’équipe"), seen_version=1, by=team, now=timezone.now()
    )  # fmt: skip
    response = citizen_client.post(revise_url(own), {"kind": "issue", "title": "Mon texte", "version": 1})
    shown = page(response, 400)
    assert "De l’équipe" in shown
    assert 'value="Mon texte"' in shown
    editing.accept(recommendation=own, seen=seen(own), by=team, now=timezone.now())
    response = citizen_client.post(revise_url(own), {"kind": "issue", "title": "Mon texte", "version": 2})
    assert response.status_code == 302
