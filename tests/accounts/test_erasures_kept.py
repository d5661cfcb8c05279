"""What was erased or withdrawn, as a keyed hash in the database and beside the backups; and erased again after a restore.

The restores by PostgreSQL's own programs are in tests/pole/test_restoring.py: here, rows that come back are written again.
"""

from __future__ import annotations

import errno
import json
import os
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import consents, privacy
from accounts.models import Erasure, TeamInvitation, TeamMails, User
from accounts.privacy import kept, kept_file, replaying, team_mails
from accounts.team import roles
from comments import following, posting
from comments.models import Comment, Follow
from forums.models import Registration
from forums.registration import registering
from pole.models import OutgoingMail
from pole.server.backups import BackupError
from tests.factories import CommentFactory, PostFactory, RegistrationFactory, UserFactory

SECOND = timedelta(seconds=1)


@pytest.fixture
def folder(monkeypatch, tmp_path, db):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path / "backups"))
    return tmp_path / "backups"


@pytest.fixture
def file(folder):
    return folder / "erasures.jsonl"


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def erase(person):
    User.objects.filter(pk=person.pk).update(erasure_due_at=timezone.now())
    assert privacy.erase_due_accounts(timezone.now()) == 1


def come_back(row):
    """As a restore does: the same key, the same instant."""
    row.save(force_insert=True)
    return row


def replay(since=None):
    kept_file.export()
    return replaying.replay(since=since or timezone.now() - timedelta(hours=1))


def test_line_says_when_and_nothing_of_whom(file, citizen):
    erase(citizen)
    kept_file.export()
    found = lines(file)
    assert [line["kind"] for line in found] == ["account", "address"]
    assert {*found[0]} == {"at", "kind", "key", "digest"}
    written = file.read_text()
    assert citizen.email not in written
    assert citizen.name not in written
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_hash_is_of_no_use_without_the_key(file, citizen, settings):
    address, made = citizen.email, citizen.created_at
    erase(citizen)
    kept_file.export()
    assert replaying.Known(kept_file.read(), since=made).at(kept.ADDRESS, address)
    settings.SECRET_KEY = "another" * 10
    assert not replaying.Known(kept_file.read(), since=made).at(kept.ADDRESS, address)
    # And a restore that can't recognise them is refused, until the former key is given.
    with pytest.raises(BackupError, match="SECRET_KEY_FALLBACKS"):
        replay()


def test_former_key_still_recognises(folder, citizen, settings):
    erase(citizen)
    come_back(citizen)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    assert replay()["comptes"] == 1


def test_erasure_that_is_rolled_back_leaves_no_line(file, citizen):
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(citizen)
        raise RuntimeError
    assert (Erasure.objects.count(), kept_file.export()) == (0, 0)
    assert User.objects.filter(pk=citizen.pk).exists()


def test_export_is_of_what_is_missing_and_repeated_adds_nothing(file):
    erase(UserFactory())
    assert (kept_file.export(), kept_file.export()) == (2, 0)
    erase(UserFactory())
    before = file.read_bytes()
    assert kept_file.export() == 2
    assert file.read_bytes().startswith(before)
    # Of another machine, or lost: made anew from the rows.
    file.unlink()
    assert kept_file.export() == 4


def test_line_cut_by_a_kill_is_written_again_whole(file, citizen):
    erase(citizen)
    kept_file.export()
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(BackupError, match="coupée"):
        kept_file.read()
    kept_file.export()
    assert file.read_bytes() == whole


def test_disk_that_is_full_leaves_the_file_as_it_was(file, citizen, monkeypatch):
    erase(UserFactory())
    kept_file.export()
    before = file.read_bytes()
    erase(citizen)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched, pytest.raises(BackupError, match="plus de place"):
        patched.setattr(os, "fsync", full)
        kept_file.export()
    assert file.read_bytes() == before
    # Caught up by the next.
    assert kept_file.export() == 2


@pytest.mark.parametrize("damage", [b"{}\n", b"not json\n", b'{"at": "x", "kind": 1}\n', b"\xff\n"])
def test_damaged_line_is_said_and_never_passed_over(file, citizen, damage):
    erase(citizen)
    kept_file.export()
    file.write_bytes(damage + file.read_bytes())
    with pytest.raises(BackupError, match="la ligne 1 est illisible"):
        kept_file.read()


def test_missing_or_older_file_refuses_the_replay(file, citizen):
    erase(UserFactory())
    kept_file.export()
    older = file.read_bytes()
    erase(citizen)
    file.write_bytes(older)
    with pytest.raises(BackupError, match="il y manque 2 effacements"):
        replaying.replay(since=timezone.now())
    file.unlink()
    with pytest.raises(BackupError, match="Il manque"):
        replaying.replay(since=timezone.now())


def test_person_who_comes_back_goes_again_with_all_that_was_theirs(folder, citizen, mailoutbox):
    comment = CommentFactory(author=citizen, text="Mes mots")
    registration = RegistrationFactory(user=citizen, email=citizen.email, organisation="Organisme")
    erase(citizen)
    mailoutbox.clear()
    come_back(citizen)
    come_back(EmailAddress(user=citizen, email=citizen.email, verified=True, primary=True))
    Comment.objects.filter(pk=comment.pk).update(author=citizen, text="Mes mots", state="published")
    Registration.objects.filter(pk=registration.pk).update(
        user=citizen, name=citizen.name, email=citizen.email, organisation="Organisme"
    )
    assert replay()["comptes"] == 1
    assert not User.objects.filter(pk=citizen.pk).exists()
    assert list(Comment.objects.values_list("text", "author")) == [("—", None)]
    assert list(Registration.objects.values_list("name", "email", "organisation")) == [("—", "", "")]
    # They were told the first time.
    assert mailoutbox == []
    assert replay()["comptes"] == 0


def test_member_of_the_team_in_the_backup_goes_too(folder, citizen, superuser):
    erase(citizen)
    citizen.roles = ["editorial"]
    come_back(citizen)
    assert replay()["comptes"] == 1
    assert not User.objects.filter(pk=citizen.pk).exists()


def test_key_given_again_to_someone_else_names_nobody(folder, citizen):
    """A restore gives keys a second time."""
    key, address = citizen.pk, citizen.email
    erase(citizen)
    newcomer = UserFactory(pk=key, email=address)
    assert replay()["comptes"] == 0
    assert User.objects.get() == newcomer


def test_whoever_signed_up_again_stays(folder, citizen):
    address = citizen.email
    erase(citizen)
    again = UserFactory(email=address)
    RegistrationFactory(user=None, email=address)
    assert sum(replay().values()) == 0
    assert User.objects.get() == again
    assert Registration.objects.get().email == address


def test_what_is_known_by_an_address_alone_goes_too(folder, citizen, superuser):
    address = citizen.email
    before = timezone.now()
    registration = RegistrationFactory(user=None, email=address)
    erase(citizen)
    Registration.objects.filter(pk=registration.pk).update(email=address, name="Camille Roy")
    TeamInvitation.objects.create(email=address, roles=["forums"], invited_by=superuser, sent_at=before)
    mail = OutgoingMail.objects.create(message={"subject": "Rappel", "to": [address]})
    OutgoingMail.objects.filter(pk=mail.pk).update(created_at=before)
    done = replay()
    assert (done["inscriptions de personnes effacées"], done["traces d’une adresse"]) == (1, 2)
    assert Registration.objects.get().email == ""
    assert not OutgoingMail.objects.filter(pk=mail.pk).exists()


def test_withdrawn_consent_and_followed_thread_go_again(folder, citizen):
    thread = PostFactory().thread
    now = timezone.now()
    following.follow(thread=thread, user=citizen, wording="Oui", page="/", now=now)
    consents.show_name(user=citizen, wording="Mon nom", page="/", now=now)
    following.unfollow_everything(user=citizen, now=now + SECOND)
    consents.withhold_name(user=citizen, now=now + SECOND)
    citizen.consents.update(withdrawn_at=None)
    Follow.objects.create(thread=thread, user=citizen, notified_until=now)
    User.objects.update(is_name_withheld=False)
    done = replay()
    assert (done["consentements"], done["abonnements"]) == (2, 1)
    assert not citizen.consents.filter(withdrawn_at=None).exists()
    assert not Follow.objects.exists()
    assert User.objects.get(pk=citizen.pk).is_name_withheld


def test_consent_given_again_since_stays(folder, citizen):
    now = timezone.now()
    consents.show_name(user=citizen, wording="Mon nom", page="/", now=now)
    consents.withhold_name(user=citizen, now=now + SECOND)
    consents.show_name(user=citizen, wording="Mon nom", page="/", now=now + 2 * SECOND)
    assert sum(replay().values()) == 0
    assert consents.shows_name(citizen)


def withdrawn_as_in_a_backup(person):
    """As a restore has it: the first consent, in force, and nothing of what came after it."""
    first, *later = person.consents.order_by("given_at")
    for row in later:
        row.delete()
    person.consents.filter(pk=first.pk).update(withdrawn_at=None)
    User.objects.filter(pk=person.pk).update(is_name_withheld=False)
    return first


def test_consent_given_again_after_a_withdrawal_since_the_backup_is_in_force(folder, citizen):
    now = timezone.now()
    consents.show_name(user=citizen, wording="Mon nom", page="/un/", now=now)
    consents.withhold_name(user=citizen, now=now + SECOND)
    consents.show_name(user=citizen, wording="Mon nom", page="/deux/", now=now + 2 * SECOND)
    withdrawn_as_in_a_backup(citizen)
    assert replay()["consentements"] == 1
    found = list(citizen.consents.order_by("given_at").values_list("wording", "given_at", "withdrawn_at"))
    assert found == [("Mon nom", now, now + SECOND), ("Mon nom", now + 2 * SECOND, None)]
    assert not User.objects.get(pk=citizen.pk).is_name_withheld
    assert sum(replay().values()) == 0


def test_thread_followed_again_since_the_backup_is_followed(folder, citizen):
    thread, now = PostFactory().thread, timezone.now()
    following.follow(thread=thread, user=citizen, wording="Oui", page="/", now=now)
    following.unfollow(thread_id=thread.pk, user=citizen, now=now + SECOND)
    following.follow(thread=thread, user=citizen, wording="Oui", page="/", now=now + 2 * SECOND)
    withdrawn_as_in_a_backup(citizen)
    assert replay()["abonnements"] == 0
    assert Follow.objects.filter(thread=thread, user=citizen).exists()


def test_consent_given_again_and_withdrawn_again_is_not(folder, citizen):
    now = timezone.now()
    for turn in range(2):
        consents.show_name(user=citizen, wording="Mon nom", page="/", now=now + 2 * turn * SECOND)
        consents.withhold_name(user=citizen, now=now + (2 * turn + 1) * SECOND)
    withdrawn_as_in_a_backup(citizen)
    replay()
    assert not consents.shows_name(citizen)
    assert User.objects.get(pk=citizen.pk).is_name_withheld


def test_consent_to_other_words_is_to_be_asked_again(folder, citizen):
    """Which, is not known."""
    now = timezone.now()
    consents.show_name(user=citizen, wording="Mon nom", page="/", now=now)
    consents.withhold_name(user=citizen, now=now + SECOND)
    consents.show_name(user=citizen, wording="Mon nom et ma photo", page="/", now=now + 2 * SECOND)
    withdrawn_as_in_a_backup(citizen)
    replay()
    assert not consents.shows_name(citizen)


def test_first_consent_leaves_no_line(file, citizen):
    consents.show_name(user=citizen, wording="Mon nom", page="/", now=timezone.now())
    kept_file.export()
    assert lines(file) == []


def test_request_for_erasure_made_since_the_backup_is_made_again(folder, citizen, mailoutbox):
    now = timezone.now()
    privacy.schedule_erasure(user=citizen, now=now)
    User.objects.update(erasure_due_at=None)
    mailoutbox.clear()
    assert replay()["demandes d’effacement"] == 1
    # The whole delay: it may have been taken back in what was lost.
    assert User.objects.get(pk=citizen.pk).erasure_due_at >= now + privacy.ERASURE_DELAY
    assert mailoutbox == []
    assert replay()["demandes d’effacement"] == 0


def test_request_for_erasure_by_whoever_was_of_the_team_is_made_again(folder, citizen):
    privacy.schedule_erasure(user=citizen, now=timezone.now())
    User.objects.update(erasure_due_at=None, roles=["editorial"])
    assert replay()["demandes d’effacement"] == 1
    assert User.objects.get(pk=citizen.pk).erasure_due_at


def taken_back_by_oneself(person, superuser):
    privacy.cancel_erasure(user=person)


def taken_back_by_joining_the_team(person, superuser):
    roles.change_roles(person_id=person.pk, roles=["editorial"], seen=roles.version_of(person), by=superuser)


@pytest.mark.parametrize("take_back", [taken_back_by_oneself, taken_back_by_joining_the_team])
def test_request_for_erasure_taken_back_since_the_backup_is_not_made_again(
    folder, citizen, superuser, take_back
):
    due = privacy.schedule_erasure(user=citizen, now=timezone.now() - SECOND)
    take_back(citizen, superuser)
    # The backup was made before the request, or between both.
    assert replay()["demandes d’effacement"] == 0
    User.objects.filter(pk=citizen.pk).update(erasure_due_at=due)
    assert replay()["demandes d’effacement reprises"] == 1
    assert User.objects.get(pk=citizen.pk).erasure_due_at is None


def test_request_for_erasure_made_again_after_it_was_taken_back_holds(folder, citizen):
    privacy.schedule_erasure(user=citizen, now=timezone.now())
    privacy.cancel_erasure(user=citizen)
    due = privacy.schedule_erasure(user=citizen, now=timezone.now())
    assert replay()["demandes d’effacement reprises"] == 0
    assert User.objects.get(pk=citizen.pk).erasure_due_at >= due
    User.objects.update(erasure_due_at=None)
    assert replay()["demandes d’effacement"] == 1


def chosen(person):
    found = TeamMails.objects.filter(user=person).values_list("is_daily", "takes_alerts").first()
    return found or (True, True)


@pytest.mark.parametrize("is_row_in_backup", [True, False])
@pytest.mark.parametrize(
    ("is_daily", "takes_alerts"), [(False, True), (True, False), (False, False), (True, True)]
)
def test_choices_of_mails_made_since_the_backup_hold(
    folder, staff, staff_client, is_daily, takes_alerts, is_row_in_backup
):
    answers = {"is_daily": is_daily, "takes_alerts": takes_alerts}
    posted = {"hour": 9} | {name: "on" for name, is_wanted in answers.items() if is_wanted}
    assert staff_client.post(reverse("account_team_mails"), posted).status_code == 302
    # Both kinds are wanted in the backup, by the choices or for want of any.
    if is_row_in_backup:
        TeamMails.objects.update(is_daily=True, takes_alerts=True)
    else:
        TeamMails.objects.all().delete()
    replay()
    assert chosen(staff) == (is_daily, takes_alerts)
    assert replay()["courriels de l’équipe"] == 0


def test_mails_wanted_again_since_the_backup_are_sent(folder, staff):
    now = timezone.now()
    team_mails.choose(user=staff, now=now, is_daily=False, takes_alerts=False)
    team_mails.choose(user=staff, now=now + SECOND, is_daily=True, takes_alerts=True)
    assert replay()["courriels de l’équipe"] == 0
    assert chosen(staff) == (True, True)


def test_deleted_comment_goes_again_and_its_neighbour_stays(folder, citizen):
    mine, other = CommentFactory(author=citizen, text="Regrettable"), CommentFactory(text="Voisin")
    posting.delete_comment(comment=mine, author=citizen)
    Comment.objects.filter(pk=mine.pk).update(text="Regrettable", state="published")
    assert replay()["commentaires"] == 1
    assert list(Comment.objects.order_by("pk").values_list("text", flat=True)) == ["—", other.text]


def test_cancelled_registration_and_stopped_mail_go_again_if_since_the_backup(folder, staff, mailoutbox):
    registration = RegistrationFactory(checked_in_at=None)
    registering.cancel(registration=registration, now=timezone.now())
    team_mails.stop_daily(user=staff, now=timezone.now())
    # Wanted again, and then a backup: the earlier refusal is past.
    Registration.objects.update(state="confirmed", cancelled_at=None)
    TeamMails.objects.update(is_daily=True)
    assert sum(replay(since=timezone.now() + timedelta(hours=1)).values()) == 0
    mailoutbox.clear()
    done = replay()
    assert (done["inscriptions annulées"], done["courriels de l’équipe"]) == (1, 1)
    assert Registration.objects.get().state == "cancelled"
    assert mailoutbox == []


def test_what_remains_is_an_error_and_changes_nothing(folder, citizen, monkeypatch):
    erase(citizen)
    come_back(citizen)
    monkeypatch.setattr("accounts.privacy.erase_again", lambda pk: None)
    with pytest.raises(BackupError, match=r"il reste de ce qui avait été effacé.: 1 comptes"):
        replay()


def test_lines_go_once_no_backup_can_need_them(file, citizen):
    erase(citizen)
    old = timezone.now() - kept_file.KEPT_FOR - timedelta(days=2)
    Erasure.objects.update(at=old)
    kept_file.export()
    dump = file.parent / f"pole-{old - timedelta(days=1):%Y%m%dT%H%M%SZ}.dump"
    dump.write_bytes(b"x")
    # As long as an older backup is there.
    assert kept_file.forget_old(timezone.now()) == 0
    assert len(lines(file)) == 2
    dump.unlink()
    erase(UserFactory())
    kept_file.catch_up(timezone.now())
    assert (len(lines(file)), Erasure.objects.count()) == (2, 2)


def test_backup_older_than_what_is_known_is_refused(folder):
    kept_file.export()
    replaying.check_before(timezone.now() - kept_file.KEPT_FOR + timedelta(days=1))
    with pytest.raises(BackupError, match="a plus de 400 jours"):
        replaying.check_before(timezone.now() - kept_file.KEPT_FOR - SECOND)


def test_two_exports_at_once_write_each_line_once(file, monkeypatch):
    """The second begins while the first writes: it waits, then finds nothing missing."""
    erase(UserFactory())
    append, second = kept_file._append, []

    def meanwhile(content):
        pid = os.fork()
        if not pid:
            # In the child: whether the lock is free.
            import fcntl

            descriptor = os.open(file.parent / ".erasures.jsonl.lock", os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os._exit(7)
            os._exit(0)
        second.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        append(content)

    monkeypatch.setattr(kept_file, "_append", meanwhile)
    assert kept_file.export() == 2
    assert second == [7]
    assert kept_file.export() == 0
