"""Enterprises that the directory lacks: mentioned by anyone, then written as a draft or refused by the team."""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.postgres.search import TrigramSimilarity
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts import journal, mailing
from accounts.models import User
from enterprises.listing.editing import unused_listing_slug
from enterprises.listing.guessing import suggest_legal_form
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Listing, Mention
from pole import identifiers
from pole.geo.levels import current_country
from pole.hooks.moderation import ChangedMeanwhile
from pole.models import Municipality
from pole.search import unaccented

# Names that share this much are shown before a mention is sent.
LEAST_LIKENESS, MOST_SHOWN = 0.4, 5


def listings_like(*, name: str, website: str, phone: str) -> list[Listing]:
    """The published listings that may be this enterprise, the likeliest first. One query."""
    key = unaccented(name)
    listings = Listing.objects.published().for_lists().annotate(likeness=TrigramSimilarity("name_key", key))
    # First by what the index of trigrams answers, which is less strict.
    found = Q(name_key__trigram_similar=key, likeness__gte=LEAST_LIKENESS) | Q(name_key__contains=key)
    if host := urlsplit(_clean_website(website)).hostname:
        found |= Q(website__icontains=f"//{host.removeprefix('www.')}") | Q(
            website__icontains=f"//www.{host.removeprefix('www.')}"
        )
    if number := _clean_phone(phone)[0]:
        found |= Q(phone=number)
    return list(listings.filter(found).order_by("-likeness", "name_key", "pk")[:MOST_SHOWN])


@transaction.atomic
def mention(
    *, name: str, municipality: Municipality, activity: str, website: str, phone: str, author: User | None,
    author_email: str, sent_key: uuid.UUID,
) -> Mention:  # fmt: skip
    """Puts it in the team's queue, once for a form that was shown."""
    typed = {
        "name": name, "municipality": municipality, "activity": activity, "website": website, "phone": phone,
        "author": author, "author_email": author_email,
    }  # fmt: skip
    row, _is_new = Mention.objects.get_or_create(sent_key=sent_key, defaults=typed)
    return row


@transaction.atomic
def decide(
    *, mention_id: int, accepted: bool, reason: str, seen: str, by: User, now: datetime
) -> Listing | None:
    """Writes a draft listing from it, or refuses it, and mails who said so. `seen` is its `shown_version`.

    Raises `AlreadyDecided` and `ChangedMeanwhile`.
    """
    row = (
        Mention.objects.select_for_update(of=("self",))
        .select_related("municipality", "author")
        .get(pk=mention_id)
    )
    if row.state != Mention.State.PENDING:
        raise AlreadyDecided
    if seen != row.shown_version:
        raise ChangedMeanwhile
    row.listing = _write_draft(row) if accepted else None
    row.state = Mention.State.ACCEPTED if accepted else Mention.State.REFUSED
    row.decided_at, row.decided_by, row.decision_reason = now, by, reason
    if to := row.author.email if row.author else row.author_email:
        context = {"user": row.author, "has_account": bool(row.author), "mention": row}
        mailing.send(prefix="enterprises/mail/mention_decided", to=to, context=context)
    row.author_email = ""
    row.save()
    journal.record(
        action=f"mention_{row.state}", kind="mention", key=row.pk, by=by, person_id=row.author_id, reason=reason,
        at=now,
    )  # fmt: skip
    return row.listing


def _write_draft(row: Mention) -> Listing:
    phone, extension = _clean_phone(row.phone)
    return Listing.objects.create(
        slug=unused_listing_slug(row.name), state=Listing.State.DRAFT, name=row.name, mission=row.activity,
        legal_form=suggest_legal_form(row.name), municipality=row.municipality, website=_clean_website(row.website),
        phone=phone, phone_extension=extension,
    )  # fmt: skip


def _clean_website(typed: str) -> str:
    try:
        return identifiers.clean_website(typed) if typed else ""
    except ValidationError:
        return ""


def _clean_phone(typed: str) -> tuple[str, str]:
    try:
        return identifiers.parse_phone(typed, country=current_country()) if typed else ("", "")
    except ValidationError:
        return "", ""
