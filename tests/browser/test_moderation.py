"""The queue is moderated from the keyboard alone: each decision leads to what follows, and is said where one looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.suspending import suspend
from comments import flagging
from comments.models import Comment
from tests.browser.test_accessibility import faults_of
from tests.factories import CommentFactory, PostFactory, RecommendationFactory, UserFactory

WIDTHS = pytest.mark.parametrize("width", [360, 1280])
pytestmark = pytest.mark.django_db(transaction=True)

# What has the focus: its item, and whether it is in view, under nothing.
FOCUSED = """() => {
    const item = document.activeElement.closest("[data-item]");
    if (!item) return null;
    const { top, left } = item.getBoundingClientRect();
    const there = document.elementFromPoint(left + 8, top + 8);
    return [item.id, document.activeElement === item, top >= 0 && top < innerHeight && item.contains(there)];
}"""


@pytest.fixture
def waiting():
    """Twenty comments, each of some lines, oldest first."""
    thread, now = PostFactory().thread, timezone.now()
    return [
        CommentFactory(
            thread=thread, text=f"Le numéro {number}.\n\n" + "Une ligne de plus. " * 12,
            state=Comment.State.PENDING, shown_at=None, created_at=now - timedelta(hours=40 - number),
        )
        for number in range(20)
    ]  # fmt: skip


def listens(page):
    """The help on keys, once their script has run: a phone has it, and shows it to nobody."""
    return page.locator("[data-queue-help]:not([hidden])")


def states(rows):
    return [Comment.objects.get(pk=row.pk).state for row in rows]


@WIDTHS
def test_twenty_items_are_moderated_without_a_jump_back(open_page, sign_in, waiting, width):
    page = open_page(width=width)
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/moderation/")
    expect(listens(page)).to_have_count(1)
    # The first five are left for later: the place is kept in the middle of the list too.
    for _ in range(5):
        page.keyboard.press("j")
    for number, row in enumerate(waiting[5:], start=5):
        expect(listens(page)).to_have_count(1)
        assert page.evaluate(FOCUSED) == [row.anchor, True, True], number
        if number % 2:
            page.keyboard.press("p")
            said = "Le commentaire est publié."
        else:
            page.keyboard.press("m")
            page.keyboard.type(f"Raison {number}")
            page.keyboard.press("Enter")
            said = "Le commentaire est masqué."
        expect(page.locator(f"#{row.anchor}")).to_have_count(0)
        expect(page.get_by_text(said)).to_be_in_viewport()
    for row in waiting[:5]:
        expect(listens(page)).to_have_count(1)
        assert page.evaluate(FOCUSED) == [row.anchor, True, True]
        page.keyboard.press("p")
        expect(page.locator(f"#{row.anchor}")).to_have_count(0)
    expect(page.get_by_text("Rien n’attend.")).to_be_in_viewport()
    assert states(waiting) == ["published"] * 5 + ["published", "hidden"] * 7 + ["published"]


@WIDTHS
def test_twenty_items_are_moderated_without_scripts(open_page, sign_in, waiting, width):
    page = open_page(width=width, javascript=False)
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/moderation/#{waiting[0].anchor}")
    for row in waiting:
        expect(page.locator(f"#{row.anchor}")).to_be_focused()
        # From the item that has the focus: the link to its page, then its first button.
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        focused = page.locator(f"#{row.anchor} button:focus")
        expect(focused).to_have_text("Publier")
        page.keyboard.press("Enter")
        expect(page.locator(f"#{row.anchor}")).to_have_count(0)
        expect(page.get_by_text("Le commentaire est publié.")).to_be_in_viewport()
    assert set(states(waiting)) == {"published"}


@WIDTHS
@pytest.mark.parametrize("javascript", [True, False])
def test_words_changed_meanwhile_have_the_focus(open_page, sign_in, waiting, width, javascript):
    page, row = open_page(width=width, javascript=javascript), waiting[7]
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/moderation/")
    Comment.objects.filter(pk=row.pk).update(text="Achetez mes cruches")
    item = page.locator(f"#{row.anchor}")
    item.get_by_label("Raison").fill("Publicité")
    item.get_by_label("Raison").press("Enter")
    expect(page.locator("[data-item]:focus-within")).to_contain_text("Achetez mes cruches")
    expect(item.locator("[data-refusal]")).to_be_focused()
    expect(page.get_by_text("Le texte a changé depuis")).to_be_in_viewport()
    expect(item.get_by_label("Raison")).to_have_value("Publicité")
    item.get_by_label("Raison").press("Enter")
    expect(page.locator("[data-item]:focus")).to_have_attribute("id", waiting[8].anchor)
    assert states([row]) == ["hidden"]


@WIDTHS
def test_comment_hidden_by_mistake_is_restored_from_the_keyboard(open_page, sign_in, waiting, width):
    Comment.objects.update(state=Comment.State.HIDDEN, hidden_reason="Par mégarde")
    page = open_page(width=width)
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/moderation/?etat=masques")
    expect(listens(page)).to_have_count(1)
    first, second = (page.locator("[data-item]").nth(number).get_attribute("id") for number in (0, 1))
    page.keyboard.press("p")
    expect(page.get_by_text("Le commentaire est de nouveau public")).to_be_in_viewport()
    expect(page.locator(f"#{first}")).to_have_count(0)
    expect(listens(page)).to_have_count(1)
    assert page.evaluate(FOCUSED) == [second, True, True]


def test_recommendation_leads_to_what_follows_too(open_page, sign_in, waiting):
    proposal = RecommendationFactory(state="proposed", created_at=timezone.now() - timedelta(hours=39.5))
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/moderation/")
    expect(listens(page)).to_have_count(1)
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == [f"recommandation-{proposal.pk}", True, True]
    page.keyboard.press("p")
    expect(page.locator(f"#recommandation-{proposal.pk}")).to_have_count(0)
    expect(listens(page)).to_have_count(1)
    assert page.evaluate(FOCUSED) == [waiting[1].anchor, True, True]


def test_pages_of_moderation_have_no_fault(open_page, sign_in, waiting):
    team, now = UserFactory(is_staff=True), timezone.now()
    suspended, thread = waiting[0].author, waiting[0].thread
    suspend(person_id=suspended.pk, days=7, reason="Pourriel répété", by=team, now=now)
    Comment.objects.filter(pk__in=[row.pk for row in waiting[:3]]).update(state="hidden", hidden_reason="x")
    top = CommentFactory(thread=thread, text="Relu de nouveau", state=Comment.State.PENDING, shown_at=None)
    CommentFactory(thread=thread, parent=top)
    flagging.flag(comment=CommentFactory(thread=thread), by=team, reason="Publicité", now=now)
    queue, page = "/gestion/moderation/", open_page()
    sign_in(page, team)
    assert faults_of(page, [
        queue, f"{queue}?etat=masques", f"{queue}?etat=recents", f"{queue}?commentaire={waiting[0].pk}",
        f"{queue}personnes/{suspended.pk}/suspendre/", "/gestion/personnes/?suspendues=on",
        thread.post.get_absolute_url(),
    ]) == []  # fmt: skip
    reader = open_page()
    sign_in(reader, suspended)
    assert faults_of(reader, [thread.post.get_absolute_url()]) == []
