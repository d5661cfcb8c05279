"""What the home page shows of forums, and the demonstration."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from forums.demo import seed
from forums.models import Forum, Priority, PriorityUpdate, Results
from tests.factories import ForumFactory, ResultsFactory


def card():
    return Template("{% load forums %}{% now_card %}").render(Context())


def priorities():
    return Template("{% load forums %}{% top_priorities %}").render(Context())


def retained(**changes):
    results = ResultsFactory(**changes)
    for position in range(1, 7):
        Priority.objects.create(
            results=results, position=position, title=f"Priorité {position}", state="done"
        )
    return results


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_open_registration_comes_before_a_nearer_forum(db):
    retained()
    ForumFactory(title="Le proche", starts_at=in_days(3))
    forum = ForumFactory(title="L’ouvert", starts_at=in_days(30), registration_opens_at=in_days(-1))
    html = card()
    assert "L’ouvert" in html
    assert "Le proche" not in html
    assert html.count('class="button"') == 1
    assert f'href="/forums/{forum.slug}/"' in html


def test_next_forum_comes_before_results(db):
    retained()
    ForumFactory(title="Le lointain", starts_at=in_days(30))
    ForumFactory(title="Le proche", starts_at=in_days(3))
    html = card()
    assert "Le proche" in html
    assert "Le lointain" not in html


def test_an_activity_of_any_kind_is_what_to_do_now_after_forums(db):
    retained()
    opened = {"registration_opens_at": in_days(-1)}
    training = {"kind": "training", "has_participation": False}
    ForumFactory(title="La formation", starts_at=in_days(3), **training, **opened)
    html = card()
    assert all(words in html for words in ("La formation", "Formation ·", "S’inscrire"))
    forum = ForumFactory(title="Le forum", starts_at=in_days(30), **opened)
    html = card()
    assert "Le forum" in html
    assert "La formation" not in html
    forum.delete()
    ForumFactory(title="La visite", starts_at=in_days(2), kind="visit", has_participation=False)
    assert "La formation" in card()
    Forum.objects.filter(kind="training").update(registration_opens_at=None)
    html = card()
    assert "La visite" in html
    assert "Voir l’activité" in html


def test_home_shows_the_four_nearest_of_any_kind(client, db):
    kinds = ["visit", "training", "forum", "webinar", "meeting"]
    for days, kind in enumerate(kinds, start=3):
        ForumFactory(title=f"Le genre {kind}", starts_at=in_days(days), kind=kind, has_participation=False)
    ForumFactory(title="Annulé", starts_at=in_days(1), cancelled_at=timezone.now())
    ForumFactory(title="Passé", starts_at=in_days(-9))
    ForumFactory(title="Brouillon", starts_at=in_days(1), announced_at=None)
    html = client.get("/").content.decode()
    block = html[html.index('id="agenda"') : html.index("</ul>", html.index('id="agenda"'))]
    assert [kind for kind in kinds if f"Le genre {kind}" in block] == kinds[:4]
    assert not any(title in block for title in ("Annulé", "Passé", "Brouillon"))
    assert 'href="/agenda/">Voir tout l’agenda</a>' in block
    assert "Webinaire" in block
    english = client.get("/en/").content.decode()
    assert "Webinar" in english[english.index('id="agenda"') :]
    Forum.objects.filter(kind="visit").update(title="Changé")
    assert "Changé" in client.get("/").content.decode()
    Forum.objects.filter(announced_at__isnull=False).update(cancelled_at=timezone.now())
    assert 'id="agenda"' not in client.get("/").content.decode()


def test_latest_results_come_when_no_forum_does(db):
    retained(forum__title="L’ancien", forum__starts_at=in_days(-900))
    results = retained(forum__title="Le récent")
    ForumFactory(starts_at=in_days(3), cancelled_at=timezone.now())
    ForumFactory(starts_at=in_days(3), announced_at=None)
    html = card()
    assert "Le récent" in html
    assert "L’ancien" not in html
    assert f'href="/forums/{results.forum.slug}/resultats/"' in html


def test_nothing_at_all_leads_to_the_agenda(db):
    assert 'href="/agenda/"' in card()
    assert Priority.objects.count() == 0
    assert "<ol" not in priorities()


def test_top_priorities_are_five_of_the_latest_results(db):
    retained(forum__starts_at=in_days(-900))
    results = retained()
    html = priorities()
    places = [f'href="/forums/{results.forum.slug}/resultats/#priorite-{n}"' in html for n in range(1, 7)]
    assert places == [True] * 5 + [False]
    assert html.count("Réalisée") == 5
    assert 'href="/priorites/"' in html


def test_priorities_of_two_forums_are_not_mixed(db):
    retained(forum__starts_at=in_days(-900))
    results = retained()
    Priority.objects.filter(results=results, position__gt=2).delete()
    assert priorities().count(f"/forums/{results.forum.slug}/resultats/#priorite-") == 2
    assert priorities().count("<li") == 2


@pytest.mark.parametrize("count", [1, 3])
def test_home_blocks_ask_the_same_queries_for_1_and_3_rows(db, django_assert_num_queries, count):
    for _n in range(count):
        retained()
    with django_assert_num_queries(2 + 1):
        card()
        priorities()


def test_demonstration_has_one_past_one_open_and_one_draft(db):
    seed(scale=1, rng=random.Random(1))
    now = timezone.now()
    forums = Forum.objects.filter(kind="forum").select_related("results")
    assert sorted(forum.stage_at(now) for forum in forums) == ["draft", "registration", "results"]
    assert Priority.objects.readable(now).count() == 5
    assert Priority.objects.filter(track=None).count() == 0
    results = Results.objects.get()
    assert results.draft.published_version == results.draft.version == 1


def test_demonstration_is_written_once(db):
    for _time in range(2):
        seed(scale=1, rng=random.Random(1))
    assert Forum.objects.filter(kind="forum").count() == 3
    assert Results.objects.count() == 1
    assert PriorityUpdate.objects.count() == 7


def test_demonstration_opens_registration_in_any_year(db, time_machine):
    time_machine.move_to("2031-07-01T12:00:00Z")
    seed(scale=1, rng=random.Random(1))
    forums = Forum.objects.filter(kind="forum").select_related("results")
    stages = {forum.stage_at(timezone.now()) for forum in forums}
    assert stages == {"draft", "registration", "results"}
