"""A hub that has a few of everything: the demonstration, what the matrix of addresses is about, and what neither has."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress, EmailConfirmation
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Consent, TeamAlert, TeamInvitation, TeamMails, User
from blog.former_site import Imported
from blog.models import Post
from comments.models import Comment, Flag, Follow
from desk.models import Document, Presence
from enterprises.models import Listing
from enterprises.models.files import ListingDocument, ListingPhoto
from enterprises.models.imports import ColumnChoice, RememberedValue
from enterprises.models.ownership import Invitation
from forums.models import Registration
from forums.models.notice import Notice
from pole.models import OutgoingMail, SuspendedAddress
from tests.factories import CommentFactory, PostFactory, SiteImportFactory


def seed() -> None:
    call_command("seed_demo")


def fill() -> None:
    """A row of each kind that nothing else made, about the first rows that there are."""
    now = timezone.now()
    member, post = User.objects.order_by("pk").first(), Post.objects.order_by("pk").first()
    listing = Listing.objects.order_by("pk").first()
    assert member
    assert post
    assert listing
    post.documents.add(Document.objects.first())
    _texts(now, member, post)
    _directory(now, member, listing)
    _forum(now)
    EmailConfirmation.objects.create(email_address=EmailAddress.objects.first(), key="cle-d-une-confirmation")
    Consent.objects.create(user=member, purpose="forum", about="1", wording="Oui", page="/", given_at=now)
    TeamAlert.objects.create(kind="queue", key="file-de-travail", told_at=now)
    TeamInvitation.objects.create(
        email="invitee@exemple.example", roles=["direction"], invited_by=member, sent_at=now
    )
    TeamMails.objects.create(user=member)
    OutgoingMail.objects.create(message={"to": ["a@exemple.example"]}, created_at=now)
    SuspendedAddress.objects.create(address="suspendue@exemple.example", answer="550", since=now)


def _texts(now, member, post):
    CommentFactory(thread=post.thread, state=Comment.State.PENDING)
    flagged = CommentFactory(thread=post.thread)
    Flag.objects.create(comment=flagged, by=member, reason="other")
    Follow.objects.create(thread=post.thread, user=member, notified_until=now)
    Presence.objects.create(draft=post.draft, user=member, seen_at=now)
    PostFactory(published_at=now + timedelta(days=30))
    PostFactory(published_at=None)
    Imported.objects.create(
        source="wordpress", kind="post", key="un-billet", became=post.pk, site_import=SiteImportFactory()
    )


def _directory(now, member, listing):
    ColumnChoice.objects.create(header="nom de l'organisme", field="name")
    RememberedValue.objects.create(
        field="sectors", key="un-secteur-ecrit", written="Un secteur", values=["culture"]
    )
    Invitation.objects.create(listing=listing, email="gestion@exemple.example", invited_by=member)
    ListingDocument.objects.create(listing=listing, title="Un dépliant", file="documents/b.pdf", size_bytes=1)
    ListingPhoto.objects.create(
        listing=listing, file="pictures/b.webp", description="Une cuisine", width_px=1, height_px=1
    )


def _forum(now):
    registration = Registration.objects.order_by("pk").first()
    assert registration
    forum = registration.forum
    question = forum.questions.create(position=1, label="Repas", label_en="Meal")
    registration.answers.create(question=question, text="Oui")
    session = forum.sessions.create(
        position=forum.sessions.count() + 1, starts_at=forum.starts_at, ends_at=forum.ends_at
    )
    registration.chosen_sessions.create(session=session)
    registration.attended_sessions.create(session=session, checked_in_at=now)
    Notice.objects.create(registration=registration, kind="confirmation", about="une-inscription")
    forum.documents.add(Document.objects.first())
