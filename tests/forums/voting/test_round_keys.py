"""The second secret: a key that is in no row, without which no ballot is tied to a voter."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forums.event.open_and_seal import seal_vote
from forums.hooks.diagnostics import check_vote_keys, check_votes
from forums.models import Ballot, KeyCopy, RollEntry, Round, SealedBox
from forums.registration import identities
from forums.tasks import tend_vote_keys
from forums.vote import casting, paper_issue, roll, round_keys, rounds
from forums.vote.refusals import VoteSuspended
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.rounds.test_secrecy import rows_with
from tests.forums.vote.conftest import codes_of
from tests.forums.voting.conftest import entries_of, together

pytestmark = pytest.mark.django_db(transaction=True)


def cast(round, entry, key="a"):
    return casting.cast_ballot(
        round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key=key, has_account=True
    )


def planned():
    round = RoundFactory()
    QuestionFactory(round=round, position=1, options=2)
    RegistrationFactory(forum=round.forum)
    return round


def end(round):
    rounds.close_round(round_id=round.pk, by=None)
    return seal_vote(round_id=round.pk, by=None)


@pytest.fixture
def on_machine(settings, monkeypatch, tmp_path):
    """`on_machine("b")`: what follows runs on that machine, which has its own folder of keys."""

    def move(name):
        monkeypatch.setattr(round_keys, "machine_name", lambda: name)
        monkeypatch.setattr("forums.hooks.diagnostics.machine_name", lambda: name)
        settings.KEYS_DIR = tmp_path / f"keys-{name}"
        return settings.KEYS_DIR

    return move


def copy_keys(source: Path, target: Path):
    target.mkdir(exist_ok=True, mode=0o700)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())


def test_no_row_and_no_statement_holds_the_key(open_vote):
    with CaptureQueriesContext(connection) as written:
        round = open_vote()
        first, second, third = entries_of(round)
        receipt = cast(round, first).receipt
        cast(round, second)
        casting.withdraw_ballot(round_id=round.pk, entry_id=first.pk, receipt=receipt)
        paper_issue.issue_paper(round_id=round.pk, entry_id=third.pk)
        casting.online_voter_ids(round.pk)
    key = round_keys.key_of_round(round.pk).hex()
    assert rows_with({key, f"\\x{key}"}) == []
    assert [query["sql"] for query in written if key in query["sql"]] == []


def test_round_that_was_read_before_its_opening_takes_ballots():
    round = planned()
    rounds.open_round(round_id=round.pk, by=None)
    assert round.key_hash == ""
    assert cast(round, entries_of(round)[0]).receipt


def test_keys_are_files_that_their_owner_alone_reads(open_vote, settings):
    round = open_vote()
    (path,) = settings.KEYS_DIR.iterdir()
    assert path.name == f"{round.key_hash}.key"
    assert (settings.KEYS_DIR.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_each_round_takes_another_key_even_at_once():
    made = [planned() for _each in range(4)]
    opened = together(*(lambda one=one: rounds.open_round(round_id=one.pk, by=None) for one in made))
    assert len({round.key_hash for round in opened}) == 4


def test_key_that_was_taken_by_an_opening_that_failed_serves_the_next(settings):
    round_keys.tend_keys()
    with pytest.raises(ConnectionError), transaction.atomic():
        first = rounds.open_round(round_id=planned().pk, by=None)
        raise ConnectionError
    assert rounds.open_round(round_id=planned().pk, by=None).key_hash == first.key_hash


@pytest.mark.parametrize("content", ["", "00" * 32, "pas une clé"])
def test_file_that_is_no_key_opens_no_vote(settings, content):
    round_keys.tend_keys()
    for path in sorted(settings.KEYS_DIR.iterdir())[:19]:
        path.write_text(content)
    round = rounds.open_round(round_id=planned().pk, by=None)
    assert cast(round, RollEntry.objects.get(round=round)).receipt
    with pytest.raises(DiagnosticWarning, match="0 en réserve"):
        check_vote_keys()
    round_keys.tend_keys()
    assert str(check_vote_keys()) == "20 en réserve."


@pytest.mark.parametrize("ends", ["sealed", "annulled"])
def test_key_goes_with_the_link_and_never_serves_again(open_vote, settings, ends):
    round = open_vote(people=12)
    for entry in entries_of(round):
        cast(round, entry)
    copy = next(settings.KEYS_DIR.iterdir()).read_bytes()
    if ends == "sealed":
        end(round)
    else:
        rounds.annul_round(round_id=round.pk, reason="Erreur", by=None)
    assert (list(settings.KEYS_DIR.iterdir()), round_keys.copies_left(round)) == ([], [])
    # From an old copy of the folder.
    (settings.KEYS_DIR / f"{round.key_hash}.key").write_bytes(copy)
    assert rounds.open_round(round_id=planned().pk, by=None).key_hash != round.key_hash
    with pytest.raises(DiagnosticError, match="clés de votes terminés restent"):
        check_vote_keys()
    tend_vote_keys(timestamp=0)
    assert round.key_hash not in round_keys.held_keys()


def test_sealing_that_is_rolled_back_keeps_the_key(open_vote):
    round = open_vote()
    cast(round, entries_of(round)[0])
    rounds.close_round(round_id=round.pk, by=None)
    with pytest.raises(ConnectionError), transaction.atomic():
        seal_vote(round_id=round.pk, by=None)
        raise ConnectionError
    assert round_keys.key_of_round(round.pk)


def test_key_that_can_not_be_deleted_is_left_to_the_worker(open_vote, monkeypatch, caplog):
    round = open_vote()
    with monkeypatch.context() as broken:
        broken.setattr(
            Path, "unlink", lambda *_args, **_options: (_ for _ in ()).throw(OSError("lecture seule"))
        )
        end(round)
    assert Round.objects.get(pk=round.pk).sealed_at
    assert "lecture seule" in caplog.text
    assert round_keys.copies_left(round) == [round_keys.machine_name()]
    tend_vote_keys(timestamp=0)
    assert round_keys.copies_left(round) == []


# --- Without the key


ACTS = {
    "withdraw": lambda round, entry: casting.withdraw_ballot(
        round_id=round.pk, entry_id=entry.pk, has_account=True
    ),
    "read": lambda round, entry: casting.choices_cast(round_id=round.pk, entry_id=entry.pk, has_account=True),
    "paper": lambda round, entry: paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk),
    "void": lambda round, entry: roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="x", by=None),
    "cast": cast,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("content", [None, "", "00" * 32, "pas une clé"])
def test_nothing_is_done_without_the_key(open_vote, settings, act, content):
    """Else a ballot would not be found, and a person would have two."""
    round = open_vote()
    entry = entries_of(round)[0]
    cast(round, entry, "z")
    before = Ballot.objects.values().get()
    (path,) = settings.KEYS_DIR.iterdir()
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(VoteSuspended):
        act(round, entry)
    assert Ballot.objects.values().get() == before
    entry.refresh_from_db()
    assert (entry.is_on_paper, entry.voided_at) == (False, None)
    with pytest.raises(DiagnosticError, match="Vote suspendu"):
        check_votes()


def test_voter_is_told_that_the_vote_is_suspended_and_votes_once_the_key_is_back(open_vote, settings):
    round = open_vote(people=1)
    (code,) = codes_of(round.forum)
    phone = Client()
    phone.get(f"/vote/{code}/")
    (path,) = settings.KEYS_DIR.iterdir()
    key = path.read_bytes()
    path.unlink()
    ballot = {"key": "clef-du-bulletin-1", "q1": ["1"]}
    address = reverse("forums:round_cast", args=[round.forum.slug, round.number])
    for answer in (phone.get(round.get_absolute_url()), phone.post(address, ballot)):
        assert (answer.status_code, "Ballot-Refused" in answer.headers) == (503, False)
        assert "suspend" in answer.content.decode()
    path.write_bytes(key)
    assert phone.post(address, ballot).status_code == 302
    assert Ballot.objects.count() == 1


def test_without_the_key_the_door_is_told_and_an_address_is_confirmed_all_the_same(staff_client, settings):
    round = planned()
    Round.objects.update(public="registrants")
    person = round.forum.registrations.get()
    person.checked_in_at = None
    person.save()
    rounds.open_round(round_id=round.pk, by=None)
    (path,) = settings.KEYS_DIR.iterdir()
    key = path.read_bytes()
    path.unlink()
    answers = [
        staff_client.post(reverse("staff:door_person", args=[round.forum.slug, person.key])),
        staff_client.post(
            reverse("staff:door_walk_in", args=[round.forum.slug]),
            {
                "name": "x",
                "kind": "citizen",
                "email": person.email,
                "key": uuid.uuid4(),
                "same_as": person.key,
            },
        ),
    ]
    assert [(one.status_code, "Le vote est suspendu" in one.content.decode()) for one in answers] == [
        (422, True)
    ] * 2
    user = UserFactory(email=person.email)
    identities.link_registrations_to_account(user)
    path.write_bytes(key)
    assert roll.find_entry_of_user(round, user) == RollEntry.objects.get(registration=person)


def test_box_is_counted_even_without_the_key(open_vote, settings):
    """The ballots need no key. Who voted by kind does: it is then not published."""
    round = open_vote(people=12)
    for entry in entries_of(round):
        cast(round, entry)
    next(settings.KEYS_DIR.iterdir()).unlink()
    end(round)
    box = SealedBox.objects.get(round=round)
    assert (box.reconciliation["online"], box.reconciliation["turnout"]) == (12, [])


# --- Several machines


def test_two_machines_share_their_keys_and_each_deletes_its_own(on_machine, settings):
    first = on_machine("a")
    round_keys.tend_keys()
    assert len(round_keys.held_keys()) == round_keys.MADE_IN_ADVANCE
    second = on_machine("b")
    round_keys.tend_keys()
    with pytest.raises(round_keys.NoKeyEverywhere):
        rounds.open_round(round_id=planned().pk, by=None)
    with pytest.raises(DiagnosticError, match="Aucune clé n’est à la fois sur b et sur a"):
        check_vote_keys()
    copy_keys(first, second)
    call_command("vote_keys")
    assert str(check_vote_keys()) == "20 en réserve."
    round = rounds.open_round(round_id=planned().pk, by=None)
    entry = RollEntry.objects.get(round=round)
    cast(round, entry)
    on_machine("a")
    assert casting.has_ballot(round_id=round.pk, entry_id=entry.pk)
    end(round)
    assert round_keys.copies_left(round) == ["b"]
    with pytest.raises(DiagnosticError, match="restent sur\xa0: b"):
        check_vote_keys()
    on_machine("b")
    call_command("vote_keys")
    assert round_keys.copies_left(round) == []


def test_machine_that_is_no_more_is_forgotten(on_machine, capsys):
    on_machine("a")
    round_keys.tend_keys()
    on_machine("b")
    with pytest.raises(round_keys.NoKeyEverywhere):
        rounds.open_round(round_id=planned().pk, by=None)
    call_command("vote_keys", forget="a")
    assert rounds.open_round(round_id=planned().pk, by=None).key_hash
    assert set(KeyCopy.objects.values_list("machine", flat=True)) == {"b"}


# --- A folder that can't be read


@pytest.fixture
def no_folder(settings, tmp_path):
    """As one of another account, even for who may read all: a file in its place."""
    settings.KEYS_DIR = tmp_path / "pas-un-dossier"
    settings.KEYS_DIR.write_text("")


def test_vote_is_not_opened_and_the_team_is_told_why(staff_client, no_folder):
    round = planned()
    answer = staff_client.post(
        reverse("staff:round_open", args=[round.forum.slug, round.number]), follow=True
    )
    assert (answer.status_code, "son dossier de clés" in answer.content.decode()) == (200, True)
    round.refresh_from_db()
    assert round.opened_at is None
    with pytest.raises(DiagnosticError, match="ne peut pas lire et écrire"):
        check_vote_keys()


def test_keys_that_can_not_be_looked_for_are_not_taken_for_deleted(open_vote, settings, no_folder):
    settings.KEYS_DIR, unreadable = settings.KEYS_DIR.with_name("keys"), settings.KEYS_DIR
    round = open_vote()
    settings.KEYS_DIR = unreadable
    with pytest.raises(OSError, match="Not a directory"):
        call_command("vote_keys")
    assert round_keys.copies_left(round) == [round_keys.machine_name()]
    end(round)
    assert round_keys.copies_left(round) == [round_keys.machine_name()]


def test_key_made_while_another_process_looks_is_not_taken_for_deleted(settings, monkeypatch):
    """The worker reads the folder while an opening makes a key."""
    listed = round_keys.held_keys

    def look():
        held = listed()
        monkeypatch.setattr(round_keys, "held_keys", listed)
        round_keys.make_keys(1)
        round_keys._register_copies()
        return held

    monkeypatch.setattr(round_keys, "held_keys", look)
    round_keys._register_copies()
    assert set(KeyCopy.objects.values_list("key_hash", flat=True)) == listed() != set()


# --- Diagnostic


def test_folder_within_what_is_backed_up_is_refused(settings, monkeypatch):
    settings.KEYS_DIR = settings.VAR_DIR / "keys"
    with pytest.raises(DiagnosticError, match="Réglez POLE_KEYS ailleurs"):
        check_vote_keys()


def test_folder_that_others_read_is_refused(settings):
    round_keys.tend_keys()
    assert str(check_vote_keys()) == "20 en réserve."
    settings.KEYS_DIR.chmod(0o750)
    with pytest.raises(DiagnosticError, match="chmod 700"):
        check_vote_keys()


def test_few_keys_are_a_note():
    with pytest.raises(DiagnosticWarning, match="0 en réserve"):
        check_vote_keys()
