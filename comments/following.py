"""Following a thread by mail: one digest for all that is new, and one click to end it.

Locks: the follow rows of one person, so that two workers never send the same news.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import FETCH_PEERS, F, Prefetch, QuerySet
from django.urls import reverse
from django.utils import translation

from accounts import consents, mailing
from accounts.models import User
from comments import reading
from comments.models import Comment, Follow, Thread
from pole.access import SignedToken

PURPOSE = "follow a thread"
UNSUBSCRIBE_LIFETIME = timedelta(days=365)
_TOKEN = SignedToken("comments.unfollow", (int,), UNSUBSCRIBE_LIFETIME)
# In one digest; the others are on the page.
MAX_COMMENTS_A_THREAD = 10


@transaction.atomic
def follow(*, thread: Thread, user: User, wording: str, page: str, now: datetime) -> Follow:
    """Sends what is new to `user` from `now` on, and records their consent in the words that they read.

    A suspended account may: it publishes nothing.
    """
    made, _is_new = Follow.objects.get_or_create(thread=thread, user=user, defaults={"notified_until": now})
    consents.give(
        user=user, purpose=PURPOSE, about=f"thread {thread.pk}", wording=wording, page=page, now=now
    )
    return made


@transaction.atomic
def unfollow(*, thread_id: int, user: User, now: datetime) -> None:
    Follow.objects.filter(thread=thread_id, user=user).delete()
    consents.withdraw(user=user, purpose=PURPOSE, about=f"thread {thread_id}", now=now)


@transaction.atomic
def unfollow_everything(*, user: User, now: datetime) -> None:
    """What the link in a digest does."""
    for thread_id in Follow.objects.filter(user=user).values_list("thread", flat=True):
        unfollow(thread_id=thread_id, user=user, now=now)


def make_unsubscribe_token(user: User) -> str:
    """Ends the digests of this person, and does nothing else."""
    return _TOKEN.make(user.pk)


def get_user_of_token(token: str) -> User | None:
    """The person whose digests a token ends; None when it is forged or a year old."""
    user: User | None = User.objects.filter(pk__in=_TOKEN.read(token)).first()
    return user


def send_digests(*, now: datetime) -> int:
    """One mail to each person for whom something is new; how many were sent."""
    people = User.objects.filter(is_active=True, pk__in=Follow.objects.values("user")).order_by("pk")
    return sum(_send_digest(user, now) for user in people.iterator())


@transaction.atomic
def _send_digest(user: User, now: datetime) -> bool:
    rows = Follow.objects.select_for_update(of=("self",)).filter(user=user).select_related("thread")
    # What owns the threads is read kind by kind, for all of them at once.
    rows = rows.prefetch_related(_unsent_comments(user, now)).fetch_mode(FETCH_PEERS)
    follows = list(rows)
    with translation.override(user.language):
        news = [thread_news for row in follows if (thread_news := _thread_digest(row, user, now))]
        link = reverse("comments:unsubscribe", args=[make_unsubscribe_token(user)])
    Follow.objects.filter(pk__in=[row.pk for row in follows]).update(notified_until=now)
    if news:
        context = {"user": user, "has_account": True, "news": news}
        mailing.send(
            prefix="comments/email/digest",
            to=user.email,
            context=context,
            unsubscribe_url=f"{settings.BASE_URL}{link}",
        )
    return bool(news)


def _unsent_comments(user: User, now: datetime) -> Prefetch[str, QuerySet[Comment], str]:
    """Prefetches, as `thread.unsent`, what others wrote since the last digest, one comment more than a digest holds."""
    unsent = Comment.objects.public().filter(
        thread__follows__user=user, shown_at__gt=F("thread__follows__notified_until"), shown_at__lte=now
    )
    placed = reading.with_places(unsent.exclude(author=user), user)
    placed = placed.select_related("author").order_by("shown_at", "pk")
    return Prefetch("thread__comments", placed[: MAX_COMMENTS_A_THREAD + 1], to_attr="unsent")


def _thread_digest(row: Follow, user: User, now: datetime) -> dict[str, object] | None:
    """One thread in the digest: its title, its address, its new comments; None when there is nothing new."""
    found = row.thread.unsent  # type: ignore[attr-defined]  # prefetched
    owner = row.thread.owner if found else None
    if owner is None or not owner.is_public(now):
        return None
    return {
        "title": str(owner),
        "url": f"{settings.BASE_URL}{reading.address_of(found[0], owner.get_absolute_url(), user)}",
        "comments": found[:MAX_COMMENTS_A_THREAD],
        "has_more": len(found) > MAX_COMMENTS_A_THREAD,
    }
