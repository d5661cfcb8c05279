"""From the drawn ballot to the published results: each step once, clicked twice, refused in words."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from forums.event.open_and_seal import seal_vote
from forums.mail import notices
from forums.models import (
    Ballot,
    Notice,
    NoticeKind,
    Priority,
    Results,
    RollEntry,
    Round,
    RoundEvent,
    RoundSecret,
    SealedBox,
    Slip,
)
from forums.vote import casting, paper_issue, rounds, slips
from forums.vote.casting import VoteNotOpen
from forums.vote.means import voting_means
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote
from tests.forums.vote.conftest import codes_of
from tests.forums.voting.conftest import kinds, together
from tests.moments import as_typed, typeable


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def log_of(round):
    return list(RoundEvent.objects.filter(round=round).values_list("kind", flat=True))


def test_opening_a_second_round_names_whoever_took_paper_and_holds_nothing(make_round, staff_client):
    first = make_round("drawn", people=0)
    forum = first.forum
    slips.create_slips(forum=forum, count=4)
    for number, (name, email) in enumerate(
        {"Anne Papier": "", "Bo Carton": "", "Cy Lien": "c@exemple.example"}.items(), start=1
    ):
        person = RegistrationFactory(forum=forum, name=name, email=email, user=None)
        slips.activate_slip(slip=Slip.objects.get(number=number), registration=person)
    RegistrationFactory(forum=forum, name="Dan Compte", email="", user=UserFactory())
    RegistrationFactory(forum=forum, name="Eve Rien", email="", user=None)
    RegistrationFactory(forum=forum, name="Flo Absente", email="", user=None, checked_in_at=None)
    rounds.open_round(round_id=first.pk, by=None)
    for name in ("Anne Papier", "Cy Lien"):
        entry = RollEntry.objects.get(registration__name=name)
        paper_issue.issue_paper(round_id=first.pk, entry_id=entry.pk)
    close(first)
    ended = fresh(first).closed_at
    times = {"opens_at": ended, "closes_at": ended + timedelta(hours=1)}
    second = make_round("drawn", people=0, number=2, forum=forum, **times)
    text = text_of(staff_client.get(address("round_open", second)))
    assert "1 peut voter avec un carton" in text
    assert "2 n’ont pas de carton, mais un lien par courriel ou un compte" in text
    assert "2 personnes n’ont rien pour voter : qui?" in text
    for name in ("Anne Papier", "Eve Rien"):
        assert f">{name}</a>" in text
    for name in ("Bo Carton", "Cy Lien", "Dan Compte", "Flo Absente"):
        assert name not in text


@pytest.mark.parametrize(("is_trial", "is_walk_in", "has_link"), [(1, 0, 1), (0, 1, 1), (1, 1, 0)])
def test_walk_in_is_mailed_no_link_for_a_trial(make_round, is_trial, is_walk_in, has_link):
    round = make_round("drawn", people=0, is_trial=bool(is_trial))
    RegistrationFactory(forum=round.forum, user=None, is_walk_in=bool(is_walk_in))
    found = voting_means(round)
    assert (found.by_link_or_account, len(found.nothing)) == (has_link, 1 - has_link)


def test_opening_says_what_it_fixes_and_how_many_vote(make_round, staff_client):
    round = make_round("drawn", people=4)
    text = text_of(staff_client.get(address("round_open", round)))
    assert "Ce qui ne change plus après l’ouverture" in text
    assert '<span class="figure__number">4</span>' in text


def test_opening_twice_opens_once(make_round, staff_client, staff):
    round = make_round("drawn")
    for _click in range(2):
        assert staff_client.post(address("round_open", round)).url == address("round", round)
    assert fresh(round).state_at(timezone.now()) == Round.State.OPEN
    assert RoundEvent.objects.get(round=round).by == staff
    assert RollEntry.objects.filter(round=round).count() == 3


@pytest.mark.parametrize(("is_trial", "told"), [(False, 3), (True, 0)])
def test_opening_tells_those_who_vote_once(make_round, staff_client, is_trial, told):
    round = make_round("drawn", is_trial=is_trial)
    for _click in range(2):
        staff_client.post(address("round_open", round))
    for job in ProcrastinateJob.objects.filter(task_name="write_to_forum"):
        notices.send_to_all(
            forum_id=job.args["forum_id"], kind=NoticeKind(job.args["kind"]), about=job.args["about"]
        )
    assert Notice.objects.filter(kind=NoticeKind.VOTE_OPEN).count() == told


@pytest.mark.parametrize(
    ("closes_in", "options", "said"),
    [
        (timedelta(seconds=-1), 3, "L’heure de fermeture doit être à venir"),
        (timedelta(hours=1), 1, "a moins de deux options."),
        (timedelta(hours=1), None, "Ce scrutin n’a pas encore de question"),
    ],
)
def test_opening_is_refused_in_words(staff_client, closes_in, options, said):
    now = timezone.now()
    round = RoundFactory(opens_at=now - timedelta(hours=2), closes_at=now + closes_in)
    if options is not None:
        QuestionFactory(round=round, position=1, options=options)
    assert said in text_of(staff_client.post(address("round_open", round), follow=True))
    assert fresh(round).opened_at is None


def test_opening_beside_an_open_round_is_refused(make_round, staff_client):
    first = make_round("open")
    later = first.closes_at + timedelta(hours=1)
    second = RoundFactory(forum=first.forum, number=2, opens_at=later, closes_at=later + timedelta(hours=1))
    QuestionFactory(round=second, position=1)
    text = text_of(staff_client.post(address("round_open", second), follow=True))
    assert "Un autre scrutin de ce forum a lieu à ce moment." in text
    assert fresh(second).opened_at is None


def test_prolonging_is_logged_once_and_never_shortens(make_round, staff_client):
    round = make_round("open")
    until = typeable(round.closes_at + timedelta(hours=1))
    for _click in range(2):
        staff_client.post(address("round_prolong", round), {"until": as_typed(until)})
    assert (fresh(round).closes_at, log_of(round)) == (until, ["opened", "prolonged"])
    earlier = {"until": as_typed(until - timedelta(minutes=1))}
    text = text_of(staff_client.post(address("round_prolong", round), earlier, follow=True))
    assert "plus tardive que celle en vigueur" in text
    assert fresh(round).closes_at == until


def test_prolonging_into_the_next_round_is_refused(make_round, staff_client):
    round = make_round("open")
    begins = typeable(round.closes_at + timedelta(minutes=10))
    RoundFactory(forum=round.forum, number=2, opens_at=begins, closes_at=begins + timedelta(hours=1))
    until = {"until": as_typed(typeable(begins + timedelta(minutes=5)))}
    text = text_of(staff_client.post(address("round_prolong", round), until, follow=True))
    assert "Un autre scrutin de ce forum a lieu à ce moment." in text
    assert fresh(round).closes_at == round.closes_at


def test_closing_without_paper_seals_in_the_same_click(make_round, staff_client):
    round = make_round("open")
    vote(round, entries(round)[0])
    for _click in range(2):
        staff_client.post(address("round_close", round))
    assert fresh(round).state_at(timezone.now()) == Round.State.SEALED
    assert log_of(round) == ["opened", "closed", "sealed"]
    assert (Ballot.objects.count(), RoundSecret.objects.count(), RollEntry.objects.count()) == (0, 0, 0)
    assert fresh(round).seal[:8] in text_of(staff_client.get(address("round", round)))


def test_closing_with_paper_waits_for_it(make_round, staff_client):
    round = make_round("open", papers=2)
    staff_client.post(address("round_close", round))
    assert fresh(round).state_at(timezone.now()) == Round.State.CLOSED
    assert log_of(round) == ["opened", "closed"]


def test_round_never_opened_is_neither_closed_nor_sealed_nor_annulled(make_round, staff_client):
    round = make_round("drawn")
    for name in ("round_close", "round_seal"):
        text = text_of(staff_client.post(address(name, round), follow=True))
        assert "Le scrutin n’en est plus là" in text
    staff_client.post(address("round_annul", round), {"reason": "Non", "word": "annuler"})
    assert (fresh(round).state_at(timezone.now()), log_of(round)) == (Round.State.PLANNED, [])


def test_open_round_is_not_sealed(make_round, staff_client):
    round = make_round("open")
    staff_client.post(address("round_seal", round))
    assert (fresh(round).sealed_at, SealedBox.objects.count()) == (None, 0)


@pytest.mark.parametrize("typed", [{"reason": "Motif", "word": "oui"}, {"reason": "", "word": "annuler"}, {}])
def test_annulling_wants_a_reason_and_the_word(make_round, staff_client, typed):
    round = make_round("open")
    vote(round, entries(round)[0])
    staff_client.post(address("round_annul", round), typed)
    assert (fresh(round).annulled_at, Ballot.objects.count()) == (None, 1)


def test_annulling_destroys_ballots_and_says_why(make_round, staff_client):
    round = make_round("open")
    vote(round, entries(round)[0])
    for _click in range(2):
        staff_client.post(
            address("round_annul", round), {"reason": "Une question manquait.", "word": " Annuler "}
        )
    assert fresh(round).annulled_because == "Une question manquait."
    assert (log_of(round), Ballot.objects.count(), RoundSecret.objects.count()) == (
        ["opened", "annulled"],
        0,
        0,
    )
    text = text_of(staff_client.get(address("round", round)))
    assert "Une question manquait." in text
    assert "Reprendre le vote" in text


@pytest.mark.parametrize("is_trial", [False, True])
def test_slips_serve_again_after_a_trial_or_an_annulled_vote(make_round, client, is_trial):
    """That of someone who took a paper, too."""
    first = make_round("open", papers=2, is_trial=is_trial)
    codes = codes_of(first.forum)
    on_paper, online, _other = entries(first)
    vote(first, online)
    close(first, papers_of=[on_paper])
    assert Slip.objects.get(voided_because="paper").registration == on_paper.registration
    if is_trial:
        type_twice(first, serials(first)[0])
        seal_vote(round_id=first.pk, by=None)
    else:
        rounds.annul_round(round_id=first.pk, reason="Une question manquait.", by=None)
    second = make_round("open", people=0, number=2, forum=first.forum, opens_at=timezone.now())
    for code in codes[:2]:
        assert client.get(f"/vote/{code}/").status_code == 302
        cast = client.post(
            f"/forums/{second.forum.slug}/tours/2/vote/depot/", {"key": f"clef-{code}-{code}", "q1": ["1"]}
        )
        assert cast.url.endswith("/vote/recu/")
    assert casting.turnout(second.pk)[0] == 2


def test_slip_killed_by_a_paper_stays_so_after_a_vote_that_counts(make_round):
    round = make_round("open", papers=2)
    codes_of(round.forum)
    close(round, papers_of=entries(round)[:1])
    type_twice(round, serials(round)[0])
    seal_vote(round_id=round.pk, by=None)
    assert Slip.objects.filter(voided_because="paper").count() == 1


def test_sealed_round_is_not_annulled(make_round, staff_client):
    round = make_round("sealed")
    staff_client.post(address("round_annul", round), {"reason": "Trop tard", "word": "annuler"})
    assert fresh(round).annulled_at is None


def test_results_are_published_by_one_click(make_round, staff_client, client):
    round = make_round("open")
    for entry in entries(round):
        vote(round, entry, [1, 2], [(3, 4), (1, 2)])
    staff_client.post(address("round_close", round))
    assert Results.objects.get().published_at is None
    for _click in range(2):
        staff_client.post(address("round_publish", round))
    assert Priority.objects.filter(results__forum=round.forum).count() == 4
    page = client.get(reverse("forums:results", args=[round.forum.slug]))
    first = round.questions.get(position=1).options.get(number=1)
    assert first.title in text_of(page)
    assert "Les résultats sont publiés" in text_of(staff_client.get(address("round", round)))


@pytest.mark.parametrize("state", ["planned", "open", "closed", "annulled"])
def test_nothing_is_published_before_the_seal(make_round, staff_client, state):
    round = make_round(state)
    text = text_of(staff_client.post(address("round_publish", round), follow=True))
    assert "Il y a des résultats à publier quand l’urne d’un vrai scrutin est scellée." in text
    assert Results.objects.count() == 0


def test_trial_publishes_nothing(make_round, staff_client):
    round = make_round("sealed", is_trial=True)
    staff_client.post(address("round_publish", round))
    assert Results.objects.count() == 0
    assert "L’essai est terminé" in text_of(staff_client.get(address("round", round)))


def test_sealed_round_leads_to_the_next_one_and_the_last_to_the_dossier(make_round, staff_client):
    first = make_round("sealed")
    ended = first.closed_at
    times = {"opens_at": ended, "closes_at": ended + timedelta(hours=1)}
    second = make_round("planned", people=0, number=2, forum=first.forum, **times)
    assert address("round", second) in text_of(staff_client.get(address("round", first)))
    second.delete()
    staff_client.post(address("round_publish", first))
    text = text_of(staff_client.get(address("round", first)))
    assert "Ensuite : transmettre le dossier" in text


def test_round_of_another_forum_is_a_404(make_round, staff_client):
    round = make_round("open")
    stranger = RoundFactory(number=7)
    wrong = {"slug": stranger.forum.slug, "number": round.number}
    for name in ("round", "round_open", "roll", "paper_page", "reconciliation"):
        assert staff_client.get(reverse(f"staff:{name}", kwargs=wrong)).status_code == 404
    assert staff_client.post(reverse("staff:round_close", kwargs=wrong)).status_code == 404
    assert fresh(round).closed_at is None


def test_overdue_round_is_said_on_the_staff_home(make_round, staff_client):
    round = make_round("open")
    assert f"Vote en cours : {round.forum.title}" in text_of(staff_client.get("/gestion/"))
    Round.objects.filter(pk=round.pk).update(closed_at=timezone.now(), closes_at=timezone.now())
    assert f"Scrutin à concilier et à sceller : {round.forum.title}" in text_of(staff_client.get("/gestion/"))


# --- Two people at once ------------------------------------------------------------------------------

RACE = pytest.mark.django_db(transaction=True)


@RACE
def test_two_people_close_and_seal_at_once(make_round):
    round = make_round("open", people=12)
    for entry in entries(round):
        vote(round, entry)
    people = [UserFactory(), UserFactory()]

    def close_and_seal(person):
        rounds.close_round(round_id=round.pk, by=person)
        return seal_vote(round_id=round.pk, by=person).pk

    found = together(*(lambda person=person: close_and_seal(person) for person in people))
    assert found == [round.pk, round.pk]
    assert log_of(round) == ["opened", "closed", "sealed"]
    assert SealedBox.objects.get().outcome["questions"][0]["ballots"] == 12


@RACE
def test_two_people_open_at_once(make_round):
    round = make_round("drawn")
    found = together(*(lambda: rounds.open_round(round_id=round.pk, by=None).pk for _person in range(2)))
    assert (found, log_of(round)) == ([round.pk, round.pk], ["opened"])
    assert RollEntry.objects.filter(round=round).count() == 3


@RACE
def test_annulling_while_sealing_leaves_one_of_both(make_round):
    round = make_round("closed")
    together(
        lambda: seal_vote(round_id=round.pk, by=None),
        lambda: rounds.annul_round(round_id=round.pk, reason="Course", by=None),
    )
    assert fresh(round).state_at(timezone.now()) in {Round.State.SEALED, Round.State.ANNULLED}
    assert SealedBox.objects.count() == int(fresh(round).sealed_at is not None)
    assert RoundSecret.objects.count() == 0


@RACE
def test_paper_issue_racing_the_closing_is_whole_or_refused(make_round):
    from forums.vote.paper_issue import issue_paper

    round = make_round("open", people=8, papers=8)
    results = together(
        *(lambda entry=entry: issue_paper(round_id=round.pk, entry_id=entry.pk) for entry in entries(round)),
        lambda: rounds.close_round(round_id=round.pk, by=None),
    )
    assert kinds(results) <= {bool, VoteNotOpen, Round}
    given = RollEntry.objects.filter(round=round, is_on_paper=True).count()
    assert given == results.count(False)
