"""A decision of the team is about what its form showed; what was hidden can be read again and restored."""

from __future__ import annotations

import html
import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEntry, User
from comments import following, moderation, posting
from comments.models import Comment, Flag
from comments.moderation import version_of
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, RecommendationFactory, UserFactory

NOW = timezone.now()
QUEUE = "/gestion/moderation/"
DECISIONS = {
    "approve": ("pending", "publier"),
    "keep": ("published", "publier"),
    "hide": ("pending", "masquer"),
    "hide what is public": ("published", "masquer"),
    "restore": ("hidden", "retablir"),
}
# What a form shows, and how it may change while it is open.
CHANGES = {
    "its words": lambda row: Comment.objects.filter(pk=row.pk).update(text="Achetez mes cruches"),
    "the name of its author": lambda row: User.objects.filter(pk=row.author_id).update(name="Mes cruches"),
    "its state": lambda row: Comment.objects.filter(pk=row.pk).update(
        state="published" if row.state != "published" else "pending", shown_at=NOW
    ),
    "its flags": lambda row: flag(row, "C’est mon adresse"),
}


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet discuté")


def flag(comment, reason="x"):
    return Flag.objects.create(comment=comment, by=UserFactory(), reason=reason)


def comment_to(decision, post, **fields):
    state, _address = DECISIONS[decision]
    row = CommentFactory(
        thread=post.thread, state=state, text="Bravo", shown_at=None if state == "pending" else NOW, **fields
    )
    if decision == "keep":
        flag(row)
    row.refresh_from_db()
    return row


def decide(client, decision, row, **sent):
    address = f"{QUEUE}{row.pk}/{DECISIONS[decision][1]}/"
    return client.post(address, {"reason": "Hors sujet"} | sent)


def everything():
    return (
        list(Comment.objects.order_by("pk").values()),
        list(Flag.objects.order_by("pk").values()),
        AuditEntry.objects.count(),
        len(mail.outbox),
    )


def text_of(response):
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("decision", DECISIONS)
def test_decision_on_what_was_shown_is_taken_once(staff_client, post, decision):
    row = comment_to(decision, post)
    seen = version_of(row)
    assert decide(staff_client, decision, row, seen=seen).status_code == 302
    assert AuditEntry.objects.count() == 1
    after = everything()
    decide(staff_client, decision, row, seen=seen)
    assert everything() == after


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("decision", DECISIONS)
def test_decision_on_what_has_changed_since_changes_nothing(staff_client, post, decision, change):
    row = comment_to(decision, post)
    seen = version_of(row)
    CHANGES[change](row)
    before = everything()
    decide(staff_client, decision, row, seen=seen)
    assert everything() == before


@pytest.mark.parametrize("sent", [{}, {"seen": ""}, {"seen": "0"}])
@pytest.mark.parametrize("decision", DECISIONS)
def test_decision_that_has_seen_nothing_is_refused_in_words(staff_client, post, decision, sent):
    row = comment_to(decision, post)
    before, page = everything(), f"{QUEUE}?commentaire={row.pk}"
    answer = decide(staff_client, decision, row, next=page, **sent)
    assert everything() == before
    assert answer.status_code == 409
    assert "Le texte a changé depuis" in text_of(answer)


@pytest.mark.parametrize("decision", ["approve", "hide"])
def test_changed_words_are_shown_in_their_place_with_what_was_typed(staff_client, post, decision):
    others = [comment_to("approve", post, created_at=NOW - timedelta(hours=hours)) for hours in (3, 1)]
    row = comment_to(decision, post, created_at=NOW - timedelta(hours=2))
    page = text_of(staff_client.get(QUEUE))
    seen, following_place = fields_of(page, row)
    assert following_place == f"{QUEUE}#{others[1].anchor}"
    posting_again = "Achetez mes cruches : https://cruches.example"
    Comment.objects.filter(pk=row.pk).update(text=posting_again)
    answer = decide(staff_client, decision, row, seen=seen, next=following_place, reason="Ton « déplacé »")
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "cruches.example" in shown
    assert re.findall(r'<article class="card" id="([^"]+)"', shown) == [
        others[0].anchor, row.anchor, others[1].anchor,
    ]  # fmt: skip
    refused = shown.index("data-refusal")
    assert shown.index(f'id="{row.anchor}"') < refused < shown.index(f'id="{others[1].anchor}"')
    assert shown.count('value="Ton « déplacé »"') == (decision == "hide")
    new, same_place = fields_of(shown, row)
    assert (new != seen, same_place) == (True, following_place)
    assert decide(staff_client, decision, row, seen=new, next=same_place).url == following_place


def fields_of(page, row):
    """What the forms of an item post: the version that it shows, and where the page goes on."""
    item = page.split(f'id="{row.anchor}"')[1].split("</article>")[0]
    ((seen, place),) = set(
        zip(re.findall('name="seen" value="([^"]*)"', item), re.findall('name="next" value="([^"]*)"', item),
            strict=True)
    )  # fmt: skip
    return seen, place


def test_missing_reason_leads_nowhere_else(staff_client, post):
    row = comment_to("hide", post)
    answer = decide(staff_client, "hide", row, seen=version_of(row), reason=" ")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Indiquez la raison" in text_of(answer)
    assert page.index(f'id="{row.anchor}"') < page.index("data-refusal")
    assert f'href="#r-{row.anchor}-reason"' in page
    (field,) = re.findall(rf'<input[^>]*id="r-{row.anchor}-reason"[^>]*>', page)
    assert 'aria-invalid="true"' in field


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("approve", "Ariane Proulx a publié ce commentaire entre-temps."),
        ("hide", "Ariane Proulx a masqué ce commentaire entre-temps."),
        ("delete", "La personne qui l’a écrit a supprimé ce commentaire entre-temps."),
    ],
)
@pytest.mark.parametrize("second", ["approve", "hide"])
def test_what_a_colleague_or_the_author_did_meanwhile_is_said(
    staff_client, superuser, post, first, second, words
):
    row = comment_to("approve", post)
    seen = version_of(row)
    if first == "delete":
        posting.delete_comment(comment=row, author=row.author)
    else:
        reason = {"reason": "x"} if first == "hide" else {}
        getattr(moderation, first)(comment_id=row.pk, seen=seen, by=superuser, now=timezone.now(), **reason)
    before = everything()
    answer = decide(staff_client, second, row, seen=seen, next=f"{QUEUE}#commentaire-99")
    assert answer.url == f"{QUEUE}#commentaire-99"
    assert words in text_of(staff_client.get(QUEUE))
    assert everything() == before


def test_newer_words_than_a_colleagues_decision_are_said_to_have_changed(staff, superuser, post):
    row = comment_to("approve", post)
    moderation.approve(comment_id=row.pk, seen=version_of(row), by=superuser, now=timezone.now())
    assert moderation.describe_meanwhile(row.pk, reader=staff)
    assert moderation.describe_meanwhile(row.pk, reader=superuser) == ""
    Comment.objects.filter(pk=row.pk).update(edited_at=timezone.now())
    assert moderation.describe_meanwhile(row.pk, reader=staff) == ""


@pytest.mark.django_db(transaction=True)
def test_edit_and_approval_at_once_publish_no_words_that_nobody_read():
    """Whatever comes first, an advertisement in the place of what staff read is not public afterwards."""
    staff, outcomes = UserFactory(is_staff=True), set()
    for _ in range(8):
        comment = CommentFactory(state="pending", shown_at=None, text="Bravo")
        seen, barrier = version_of(comment), threading.Barrier(2)

        def do(action, barrier=barrier):
            try:
                barrier.wait()
                action()
            except Refusal as refusal:
                outcomes.add(refusal.code)
            finally:
                connection.close()

        acts = [
            lambda comment=comment, seen=seen: moderation.approve(
                comment_id=comment.pk, seen=seen, by=staff, now=timezone.now()
            ),
            lambda comment=comment: posting.edit_comment(
                comment=comment, author=comment.author, text="Achetez https://x.example", now=timezone.now()
            ),
        ]
        threads = [threading.Thread(target=do, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        comment.refresh_from_db()
        assert (comment.state, comment.text) == ("pending", "Achetez https://x.example")
    assert outcomes <= {"changed_meanwhile"}


# --- Where a decision leads


def test_each_item_leads_to_the_next_and_the_last_to_the_first(staff_client, post):
    rows = [comment_to("approve", post, created_at=NOW - timedelta(hours=hours)) for hours in (3, 2, 1)]
    page = text_of(staff_client.get(QUEUE))
    assert [fields_of(page, row)[1] for row in rows] == [
        f"{QUEUE}#{rows[1].anchor}", f"{QUEUE}#{rows[2].anchor}", f"{QUEUE}#{rows[0].anchor}",
    ]  # fmt: skip


def test_last_item_of_all_leads_to_the_list(staff_client, post):
    row = comment_to("approve", post)
    page = text_of(staff_client.get(QUEUE))
    assert fields_of(page, row)[1] == f"{QUEUE}#premier"
    assert 'id="premier"' in page


@pytest.mark.parametrize(("state", "decision"), [("recents", "hide what is public"), ("masques", "restore")])
def test_other_lists_keep_their_place_too(staff_client, post, state, decision):
    rows = [comment_to(decision, post, created_at=NOW - timedelta(hours=hours)) for hours in (1, 2)]
    rows.sort(key=lambda row: row.created_at if state == "recents" else row.pk, reverse=True)
    page = text_of(staff_client.get(f"{QUEUE}?etat={state}"))
    seen, place = fields_of(page, rows[0])
    assert place == f"{QUEUE}?etat={state}#{rows[1].anchor}"
    assert decide(staff_client, decision, rows[0], seen=seen, next=place).url == place


def test_recommendations_in_the_queue_carry_what_they_showed_too(staff_client):
    RecommendationFactory(state="proposed")
    page = text_of(staff_client.get(QUEUE))
    assert re.findall('name="(seen|next|reason)"', page) == ["seen", "next"]


def test_queue_of_a_colleague_without_the_editorial_role_shows_no_comment(post):
    comment = comment_to("restore", post)
    client = signed_in(UserFactory(is_staff=True, roles=["forums"]), second_factor=True)
    for asked in ("", "?etat=masques", "?etat=recents", f"?commentaire={comment.pk}"):
        page = text_of(client.get(f"{QUEUE}{asked}"))
        assert ("Bravo" in page, f'"{QUEUE}?etat=masques"' in page) == (False, False)
    for decision in DECISIONS:
        assert decide(client, decision, comment, seen=version_of(comment)).status_code == 403


# --- What was hidden


@pytest.fixture
def hidden(post, superuser):
    row = CommentFactory(thread=post.thread, text="Des mots de trop", author=UserFactory(name="Jeanne Roy"))
    return moderation.hide(
        comment_id=row.pk, reason="Attaque personnelle", seen=version_of(row), by=superuser, now=NOW
    )


def test_team_reads_what_was_hidden_by_whom_when_and_why(staff_client, hidden):
    for address in (f"{QUEUE}?etat=masques", f"{QUEUE}?commentaire={hidden.pk}"):
        page = text_of(staff_client.get(address)).replace("\xa0", " ")
        assert "Des mots de trop" in page
        assert re.search(r"Masqué par Ariane Proulx, .+ \d{4}, \d+ h.* : Attaque personnelle", page)
        assert f"personnes/{hidden.author_id}/suspendre/" in page
    assert "Des mots de trop" not in text_of(staff_client.get(QUEUE))


def test_latest_hidden_come_first_and_by_pages(staff_client, post, hidden, monkeypatch):
    monkeypatch.setattr("comments.views.staff.MAX_ITEMS", 1)
    old = CommentFactory(thread=post.thread, text="Caché sans journal", state="hidden", created_at=NOW)
    first, second = (text_of(staff_client.get(f"{QUEUE}?etat=masques&page={number}")) for number in (1, 2))
    assert (hidden.anchor in first, old.anchor in first) == (True, False)
    assert (hidden.anchor in second, old.anchor in second) == (False, True)


def test_restored_comment_is_public_and_its_author_told(staff_client, staff, client, post, hidden):
    mail.outbox.clear()
    decide(staff_client, "restore", hidden, seen=version_of(hidden))
    hidden.refresh_from_db()
    assert (hidden.state, hidden.hidden_reason) == ("published", "")
    assert "Des mots de trop" in text_of(client.get(post.get_absolute_url()))
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([hidden.author.email], "Votre commentaire est de nouveau public")
    assert "Des mots de trop" in sent.body
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.key, entry.by, entry.person) == ("restore", hidden.pk, staff, hidden.author)
    assert "a rétabli un commentaire masqué" in text_of(staff_client.get(reverse("staff:journal")))


def test_digests_send_a_restored_comment_again_only_if_nobody_had_read_it(staff, post, reader):
    following.follow(thread=post.thread, user=reader, wording="x", page="/", now=NOW - timedelta(days=2))
    read, unread = (
        CommentFactory(thread=post.thread, state=state, text=text, shown_at=shown_at)
        for state, text, shown_at in (
            ("published", "Lu hier", NOW - timedelta(hours=30)), ("pending", "Jamais lu", None),
        )
    )  # fmt: skip
    following.send_digests(now=NOW - timedelta(hours=24))
    for row in (read, unread):
        moderation.hide(comment_id=row.pk, reason="x", seen=version_of(row), by=staff, now=NOW)
        row.refresh_from_db()
        moderation.restore(comment_id=row.pk, seen=version_of(row), by=staff, now=NOW)
    mail.outbox.clear()
    following.send_digests(now=NOW + timedelta(hours=1))
    (sent,) = mail.outbox
    assert ("Lu hier" in sent.body, "Jamais lu" in sent.body) == (False, True)


def test_hidden_comments_of_an_erased_account_stay_empty(staff, staff_client, hidden):
    seen, person = version_of(hidden), hidden.author
    privacy.schedule_erasure(user=person, now=NOW - timedelta(days=30))
    privacy.erase_due_accounts(NOW)
    hidden.refresh_from_db()
    assert (hidden.text, hidden.author, hidden.hidden_reason) == ("—", None, "")
    assert moderation.restore(comment_id=hidden.pk, seen=seen, by=staff, now=NOW) is None
    for address in ("?etat=masques", f"?commentaire={hidden.pk}"):
        page = text_of(staff_client.get(f"{QUEUE}{address}"))
        assert ("Jeanne Roy" in page, "Des mots" in page, "Attaque" in page) == (False,) * 3


def test_hidden_comment_is_found_from_the_journal_and_from_its_page(staff_client, client, post, hidden):
    place = f"{QUEUE}?commentaire={hidden.pk}"
    assert f'href="{place}#{hidden.anchor}">Un billet discuté</a>' in text_of(
        staff_client.get(reverse("staff:journal"))
    )
    CommentFactory(thread=post.thread, parent=hidden)
    assert f'href="{place}">Modérer</a>' in text_of(staff_client.get(post.get_absolute_url()))
    assert "Modérer" not in text_of(client.get(post.get_absolute_url()))


def test_comment_of_an_absurd_number_is_none(staff_client):
    for number in ("0", "9" * 15, "9" * 400, "²", "-1", "x"):
        assert staff_client.get(QUEUE, {"commentaire": number}).status_code == 200, number


def test_refusal_is_raised_under_the_lock(staff, post):
    row = comment_to("approve", post)
    with pytest.raises(ChangedMeanwhile):
        moderation.approve(comment_id=row.pk, seen="", by=staff, now=NOW)
