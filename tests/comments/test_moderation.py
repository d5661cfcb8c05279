"""The queue, decisions, flags, suspensions, the journal."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.suspending import SuspensionRefused, lift_suspension, suspend
from comments import flagging, moderation, posting, rules
from comments.hooks.moderation import queue as waiting_for_team
from comments.models import Comment, Flag
from comments.moderation import version_of
from comments.posting import PostingRefused
from pole.refusals import Refusal
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory
from tests.refusals import assert_statement_refused, refused_by


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet discuté")


def journal():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "kind", "key", "reason"))


def pending(post, **fields):
    return CommentFactory(thread=post.thread, state=Comment.State.PENDING, shown_at=None, **fields)


def approve(comment, *, by):
    return moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=by, now=timezone.now())


def test_queue_holds_what_waits_and_what_was_flagged_oldest_first(staff_client, post):
    later = pending(post, text="Plus tard", created_at=timezone.now())
    flagged = CommentFactory(
        thread=post.thread, text="Douteux", created_at=timezone.now() - timedelta(hours=1)
    )
    CommentFactory(thread=post.thread, text="Sans histoire")
    flagging.flag(comment=flagged, by=UserFactory(), reason="Propos blessants", now=timezone.now())
    queue = waiting_for_team(50)
    assert (queue.total, [item.key for item in queue.items]) == (2, [flagged.anchor, later.anchor])
    page = staff_client.get(reverse("staff:moderation")).content.decode()
    assert [text in page for text in ("Plus tard", "Douteux", "Propos blessants", "Sans histoire")] == [
        True,
        True,
        True,
        False,
    ]


def test_flags_only_queue(client, post):
    comment = CommentFactory(thread=post.thread, text="Une opinion")
    for _ in range(3):
        flagging.flag(comment=comment, by=UserFactory(), reason="Je n’aime pas", now=timezone.now())
    assert "Une opinion" in client.get(post.get_absolute_url()).content.decode()
    assert waiting_for_team(50).total == 1


def test_flag_is_asked_with_a_reason_and_counted_once(citizen_client, citizen, post):
    comment = CommentFactory(thread=post.thread)
    address = reverse("comments:flag", args=[comment.pk])
    assert citizen_client.get(address).status_code == 200
    assert citizen_client.post(address, {"reason": "  "}).status_code == 400
    for _ in range(2):
        assert citizen_client.post(address, {"reason": "Publicité"}).status_code == 302
    assert list(Flag.objects.values_list("by", "reason")) == [(citizen.pk, "Publicité")]


def test_flags_of_one_person_are_few_in_an_hour(citizen, post):
    now = timezone.now()

    def flag(by=citizen, at=now):
        flagging.flag(comment=CommentFactory(thread=post.thread), by=by, reason="x", now=at)

    for _ in range(rules.HOURLY_LIMIT):
        flag()
    with pytest.raises(PostingRefused, match="too_many"):
        flag()
    flag(by=UserFactory())
    flag(at=now + timedelta(hours=1))
    assert Flag.objects.count() == rules.HOURLY_LIMIT + 2


def test_what_the_team_kept_may_be_flagged_again_by_the_same_person(citizen, staff, post):
    comment, now = CommentFactory(thread=post.thread), timezone.now()
    flagging.flag(comment=comment, by=citizen, reason="Une fois", now=now)
    moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=staff, now=now)
    assert waiting_for_team(50).total == 0
    flagging.flag(comment=comment, by=citizen, reason="Encore", now=now)
    assert [flag.reason for flag in Flag.objects.open()] == ["Encore"]
    assert [item.reason for item in waiting_for_team(50).items] == ["Signalé\u00a0: Encore"]


@pytest.mark.parametrize("state", ["pending", "hidden", "deleted"])
def test_what_is_not_public_is_not_flagged(citizen_client, post, state):
    comment = CommentFactory(thread=post.thread, state=state)
    assert (
        citizen_client.post(reverse("comments:flag", args=[comment.pk]), {"reason": "x"}).status_code == 404
    )


def test_own_comment_is_not_flagged(post):
    comment = CommentFactory(thread=post.thread)
    with pytest.raises(PostingRefused, match="too_late"):
        flagging.flag(comment=comment, by=comment.author, reason="x", now=timezone.now())


def test_keeping_a_flagged_comment_settles_its_flags(staff_client, client, post):
    comment = CommentFactory(thread=post.thread, text="Une opinion")
    flagging.flag(comment=comment, by=UserFactory(), reason="x", now=timezone.now())
    staff_client.post(reverse("staff:comment_approve", args=[comment.pk]), {"seen": version_of(comment)})
    assert (waiting_for_team(50).total, Flag.objects.open().count()) == (0, 0)
    assert "Une opinion" in client.get(post.get_absolute_url()).content.decode()
    assert journal() == [("keep", "comment", comment.pk, "")]


@pytest.mark.parametrize("decide", ["approve", "hide"])
def test_flags_settled_before_keep_their_instant(staff, post, decide):
    comment, before = CommentFactory(thread=post.thread), timezone.now() - timedelta(days=2)
    settled, new = (
        comment.flags.create(by=UserFactory(), reason="x", settled_at=at) for at in (before, None)
    )
    now = timezone.now()
    reason = {"reason": "Insulte"} if decide == "hide" else {}
    getattr(moderation, decide)(comment_id=comment.pk, seen=version_of(comment), by=staff, now=now, **reason)
    for flag, instant in ((settled, before), (new, now)):
        flag.refresh_from_db()
        assert flag.settled_at == instant


@pytest.mark.parametrize("decide", ["approve", "hide"])
@pytest.mark.parametrize("state", ["pending", "published", "hidden", "deleted"])
def test_team_decides_of_one_comment_that_stands(staff, post, decide, state):
    reason = {"reason": "Insulte"} if decide == "hide" else {}
    others = [CommentFactory(thread=post.thread, state=each) for each in ("pending", "published")]
    comment = CommentFactory(thread=post.thread, state=state)
    decided = getattr(moderation, decide)(
        comment_id=comment.pk, seen=version_of(comment), by=staff, now=timezone.now(), **reason
    )
    after = {"approve": {"pending": "published"}, "hide": {"pending": "hidden", "published": "hidden"}}
    comment.refresh_from_db()
    assert comment.state == after[decide].get(state, state)
    assert (decided == comment, len(journal())) == ((True, 1) if state in after[decide] else (False, 0))
    for other, kept in zip(others, ("pending", "published"), strict=True):
        other.refresh_from_db()
        assert other.state == kept


@pytest.mark.parametrize("author", ["gone", "inactive", "active"])
def test_author_is_told_while_there_is_one_to_tell(staff, post, author):
    comment = CommentFactory(thread=post.thread)
    if author == "gone":
        comment.author.delete()
    else:
        User.objects.filter(pk=comment.author_id).update(is_active=author == "active")
    comment.refresh_from_db()
    moderation.hide(
        comment_id=comment.pk, reason="Insulte", seen=version_of(comment), by=staff, now=timezone.now()
    )
    assert len(mail.outbox) == (author == "active")


def test_keeping_what_nobody_flags_any_more_decides_nothing(staff, post):
    comment = CommentFactory(thread=post.thread)
    comment.flags.create(by=UserFactory(), reason="x", settled_at=timezone.now())
    assert (
        moderation.approve(comment_id=comment.pk, seen=version_of(comment), by=staff, now=timezone.now())
        is None
    )
    assert journal() == []


def test_author_is_told_why_and_the_journal_remembers(staff_client, staff, post):
    comment = CommentFactory(thread=post.thread, text="Des mots de trop", author=UserFactory(language="fr"))
    staff_client.post(
        reverse("staff:comment_hide", args=[comment.pk]),
        {"reason": "Attaque personnelle", "seen": version_of(comment)},
    )
    (sent,) = mail.outbox
    assert sent.to == [comment.author.email]
    assert "Attaque personnelle" in sent.body
    assert "Des mots de trop" in sent.body
    assert journal() == [("hide", "comment", comment.pk, "Attaque personnelle")]
    page = staff_client.get(reverse("staff:journal")).content.decode()
    assert "Attaque personnelle" in page
    assert staff.name in page
    staff_client.post(
        reverse("staff:comment_hide", args=[comment.pk]), {"reason": "Encore", "seen": version_of(comment)}
    )
    assert (len(mail.outbox), len(journal())) == (1, 1)


def test_journal_refuses_every_change(staff, post):
    approve(pending(post), by=staff)
    entries = AuditEntry.objects.all()
    for change in (lambda: entries.update(reason="x"), entries.delete):
        with refused_by("the journal is added to, never changed"):
            change()
    assert_statement_refused("the journal is never emptied", "TRUNCATE accounts_auditentry")
    # An erased account changes nothing of it.
    AuditEntry.objects.get()
    client = signed_in(UserFactory(is_staff=True), second_factor=True)
    User.objects.filter(pk=staff.pk).delete()
    assert AuditEntry.objects.get().by_id == staff.pk
    assert client.get(reverse("staff:journal")).status_code == 200


def test_suspended_account_reads_and_writes_nothing_until_its_term(staff, post):
    author = CommentFactory().author
    now = timezone.now()
    suspend(person_id=author.pk, days=7, reason="Propos haineux", by=staff, now=now)
    author.refresh_from_db()
    write = {"thread": post.thread, "author": author, "text": "Coucou", "parent": None}
    for seconds, allowed in ((-1, False), (0, True), (1, True)):
        moment = now + timedelta(days=7, seconds=seconds)
        try:
            posting.post_comment(
                **write, idempotency_key=f"00000000-0000-0000-0000-00000000000{seconds + 1}", now=moment
            )
            done = True
        except Refusal as refusal:
            done = refusal.code != "account_suspended"
        assert done is allowed, seconds
    assert "Propos haineux" in mail.outbox[0].body
    page = signed_in(author).get(post.get_absolute_url())
    assert page.status_code == 200
    assert "ne peut pas écrire" in page.content.decode()


def test_suspension_is_lifted_once_and_never_given_to_the_team(staff, superuser):
    person, now = UserFactory(), timezone.now()
    suspend(person_id=person.pk, days=1, reason="x", by=staff, now=now)
    lift_suspension(person_id=person.pk, by=staff, now=now)
    lift_suspension(person_id=person.pk, by=staff, now=now)
    assert [entry[0] for entry in journal()] == ["suspend", "lift"]
    with pytest.raises(SuspensionRefused):
        suspend(person_id=superuser.pk, days=1, reason="x", by=staff, now=now)


def test_suspension_form_says_what_is_missing(staff_client, citizen):
    address = reverse("staff:suspend", args=[citizen.pk])
    assert "Indiquez la raison" in staff_client.post(address, {"days": "7", "reason": " "}).content.decode()
    assert staff_client.post(address, {"days": "400", "reason": "x"}).status_code == 200
    staff_client.post(address, {"days": "30", "reason": "Pourriel répété"})
    citizen.refresh_from_db()
    assert citizen.is_suspended(timezone.now() + timedelta(days=29))
    staff_client.post(reverse("staff:suspension_lift", args=[citizen.pk]))
    citizen.refresh_from_db()
    assert not citizen.is_suspended(timezone.now())


@pytest.mark.django_db(transaction=True)
def test_approving_while_its_author_deletes_leaves_no_words(staff):
    """Whatever comes first, words that their author took away are not public afterwards."""
    for _ in range(8):
        comment = CommentFactory(state=Comment.State.PENDING, shown_at=None, text="À retirer")
        barrier = threading.Barrier(2)

        def do(action, barrier=barrier):
            try:
                barrier.wait()
                action()
            except PostingRefused:
                pass
            finally:
                connection.close()

        seen = version_of(comment)
        acts = [
            lambda comment=comment, seen=seen: moderation.approve(
                comment_id=comment.pk, seen=seen, by=staff, now=timezone.now()
            ),
            lambda comment=comment: posting.delete_comment(comment=comment, author=comment.author),
        ]
        threads = [threading.Thread(target=do, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        comment.refresh_from_db()
        assert (comment.state, comment.text) == (Comment.State.DELETED, "—")


def test_next_leads_nowhere_else(staff_client, post):
    for asked in ("//evil.example", "https://evil.example/", "javascript:alert(1)", "evil"):
        comment = pending(post)
        address = reverse("staff:comment_approve", args=[comment.pk])
        sent = {"next": asked, "seen": version_of(comment)}
        assert staff_client.post(address, sent).url == f"{reverse('staff:moderation')}#premier"


def test_staff_home_says_what_waits_what_is_planned_and_what_happened(staff_client, staff, post):
    approve(pending(post), by=staff)
    pending(post)
    PostFactory(title="À paraître", published_at=timezone.now() + timedelta(days=2))
    page = staff_client.get(reverse("staff:home")).content.decode()
    for text in (
        "1 commentaire à lire",
        "«\u00a0À paraître\u00a0» paraîtra",
        "«\u00a0Un billet discuté\u00a0» a paru",
        "a publié un commentaire",
    ):
        assert text in page
