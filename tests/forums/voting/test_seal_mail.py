"""The seal reaches every registrant's mailbox, once an address: copies that nobody can change."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from forums.event.open_and_seal import seal_vote
from forums.models import Notice, NoticeKind, Registration, Round
from forums.tally.canonical import in_groups
from forums.tasks import write_to_forum
from forums.vote import casting, rounds, tellers
from tests.factories import RegistrationFactory
from tests.forums.voting.conftest import entries_of


@pytest.fixture
def sealed(open_vote, mailed):
    """Seals a vote of so many ballots: gives the round and the mails, once the worker has run."""

    def make(ballots=12, **kwargs):
        round = open_vote(people=ballots + 1, **kwargs)
        for entry in entries_of(round)[:ballots]:
            casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
        rounds.close_round(round_id=round.pk, by=None)
        if round.tellers_add:
            tellers.enter_part(round_id=round.pk, part="4 & 2", by=None)
        return mailed(round)

    return make


@pytest.fixture
def mailed():
    def seal(round):
        mail.outbox.clear()
        seal_vote(round_id=round.pk, by=None)
        deferred = ProcrastinateJob.objects.filter(task_name="write_to_forum", args__kind="sealed")
        for job in deferred:
            write_to_forum(**job.args)
        return Round.objects.get(pk=round.pk), list(mail.outbox)

    return seal


def test_everyone_registered_has_the_seal_and_what_was_shown_before(sealed):
    round, mails = sealed(tellers_add=True)
    assert len(mails) == 13
    assert {each.to[0] for each in mails} == set(Registration.objects.values_list("email", flat=True))
    body = mails[0].body
    assert in_groups(round.seal) in body
    assert (
        f"Empreinte des reçus à la fermeture (12 reçus)\u00a0:\n{in_groups(round.receipts_fingerprint)}"
        in body
    )
    assert in_groups(round.seed_hash) in body
    assert "Part des scrutatrices et scrutateurs dans le tirage\u00a0: 4 & 2" in body
    assert f'python3 recompter.py urne.json --sceau "{in_groups(round.seal)}"' in body
    assert f"/forums/{round.forum.slug}/tours/1/" in body
    # The same for whoever voted and whoever did not.
    plain = {re.sub(r"Bonjour [^\n]*", "", each.body) for each in mails}
    assert len(plain) == 1


def test_several_registrations_of_an_address_make_one_mail(open_vote, mailed):
    round = open_vote(people=12)
    for entry in entries_of(round):
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
    rows = list(Registration.objects.order_by("pk"))
    with connection.cursor() as cursor:
        # Where an address is a contact of several people: a couple, info@ of a cooperative.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX IF EXISTS registration_once_an_address")
    Registration.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(email="info@coop.example")
    Registration.objects.filter(pk=rows[3].pk).update(email="")
    Registration.objects.filter(pk=rows[4].pk).update(state="cancelled", checked_in_at=None)
    RegistrationFactory(
        forum=round.forum,
        email="attente@exemple.example",
        state="waitlisted",
        confirmed_at=None,
        checked_in_at=None,
        waitlisted_at=timezone.now(),
    )
    rounds.close_round(round_id=round.pk, by=None)
    _round, mails = mailed(round)
    to = [each.to[0] for each in mails]
    assert sorted(to) == sorted(
        {"info@coop.example", "attente@exemple.example", *(row.email for row in rows[5:])}
    )
    # The worker again, as after an interruption; then the notice of the first of the couple is of another one.
    mail.outbox.clear()
    Notice.objects.filter(registration=rows[0]).update(registration=rows[1])
    write_to_forum(forum_id=round.forum_id, kind="sealed", about="1")
    assert mail.outbox == []
    Notice.objects.filter(kind=NoticeKind.SEALED).exclude(registration=rows[1]).delete()
    write_to_forum(forum_id=round.forum_id, kind="sealed", about="1")
    assert len(mail.outbox) == len(to) - 1


@pytest.mark.parametrize(("ballots", "mails"), [(2, 0), (3, 4)])
def test_fewer_than_three_ballots_mail_nothing(sealed, ballots, mails):
    round, sent = sealed(ballots)
    assert len(sent) == mails
    # There is no box to check with fewer than ten.
    assert not any("recompter.py" in each.body for each in sent)
    assert round.seal


def test_trial_and_annulled_votes_mail_nothing(open_vote, mailed):
    trial = open_vote(people=4, is_trial=True)
    for entry in entries_of(trial):
        casting.cast_ballot(round=trial, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")
    rounds.close_round(round_id=trial.pk, by=None)
    assert mailed(trial)[1] == []
    annulled = open_vote(people=4)
    rounds.annul_round(round_id=annulled.pk, reason="Une panne.", by=None)
    mail.outbox.clear()
    write_to_forum(forum_id=annulled.forum_id, kind="sealed", about=str(annulled.number))
    assert mail.outbox == []
