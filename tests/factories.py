"""Real rows for tests, with plausible values."""

from __future__ import annotations

import uuid
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Incident, IncidentEntry, User
from blog.models import Author, Page, Post, SiteImport, Tag
from comments.models import Comment, Thread
from desk.models import Draft
from enterprises.models import Import, Listing, Mention, Sector
from forums.models import (
    ActivityProposal,
    Forum,
    Option,
    Question,
    Recommendation,
    Registration,
    Results,
    Round,
    Season,
    Session,
)
from pole.models import Municipality, Partner


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident


class IncidentEntryFactory(DjangoModelFactory):
    class Meta:
        model = IncidentEntry

    incident = factory.SubFactory(IncidentFactory)
    known_on = factory.LazyFunction(timezone.localdate)
    circumstances = "Une liste laissée sur une table"


class PartnerFactory(DjangoModelFactory):
    """Its logo has no file: what shows it knows its size."""

    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Caisse {n}")
    address = "https://caisse.exemple.ca/"
    logo = factory.Sequence(lambda n: f"partners/{n:032x}.webp")
    width_px, height_px = 240, 80
    position = factory.Sequence(lambda n: n + 1)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@exemple.example")
    name = factory.Sequence(lambda n: f"Personne {n}")
    language = "fr"

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        """`is_staff=True` alone: someone of the direction."""
        if kwargs.pop("is_staff", False):
            kwargs.setdefault("roles", ["direction"])
        return kwargs

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        self.set_password(extracted or "une phrase assez longue")
        self.save()

    @factory.post_generation
    def verified(self, create, extracted, **kwargs):
        from allauth.account.models import EmailAddress

        if extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class ThreadFactory(DjangoModelFactory):
    class Meta:
        model = Thread


class DraftFactory(DjangoModelFactory):
    class Meta:
        model = Draft


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    slug = factory.Sequence(lambda n: f"etiquette-{n}")
    name = factory.Sequence(lambda n: f"Étiquette {n}")


class AuthorFactory(DjangoModelFactory):
    class Meta:
        model = Author

    name = factory.Sequence(lambda n: f"Autrice {n}")
    role = "chargée de projet"
    note = "Elle écrit sur l’économie sociale."


class PostFactory(DjangoModelFactory):
    """A post that was published an hour ago."""

    class Meta:
        model = Post

    slug = factory.Sequence(lambda n: f"billet-{n}")
    title = factory.Sequence(lambda n: f"Billet {n}")
    body = "<p>Un premier paragraphe.</p>"
    thread = factory.SubFactory(ThreadFactory)
    draft = factory.SubFactory(
        DraftFactory,
        published_version=1,
        content=factory.LazyAttribute(
            lambda draft: {
                field: getattr(draft.factory_parent, field, "")
                for field in ("title", "heading", "summary", "body")
            }
        ),
    )
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class PageFactory(DjangoModelFactory):
    class Meta:
        model = Page

    slug = factory.Sequence(lambda n: f"page-{n}")
    title = factory.Sequence(lambda n: f"Page {n}")
    body = "<p>Une page.</p>"
    draft = factory.SubFactory(DraftFactory, published_version=1)
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class CommentFactory(DjangoModelFactory):
    class Meta:
        model = Comment

    thread = factory.SubFactory(ThreadFactory)
    author = factory.SubFactory(UserFactory)
    text = factory.Sequence(lambda n: f"Un commentaire, le numéro {n}.")


class SectorFactory(DjangoModelFactory):
    class Meta:
        model = Sector

    slug = factory.Sequence(lambda n: f"secteur-{n}")
    name = factory.Sequence(lambda n: f"Secteur {n}")


class ListingFactory(DjangoModelFactory):
    """A published listing in Châteauguay."""

    class Meta:
        model = Listing
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"entreprise-{n}")
    name = factory.Sequence(lambda n: f"Entreprise {n}")
    legal_form = "npo"
    mission = "Servir la communauté."
    municipality = factory.LazyFunction(lambda: Municipality.objects.get(code="67050"))

    @factory.post_generation
    def sectors(self, create, extracted, **kwargs):
        if extracted:
            self.sectors.set(extracted)


class MentionFactory(DjangoModelFactory):
    class Meta:
        model = Mention

    name = factory.Sequence(lambda number: f"Entreprise mentionnée {number}")
    municipality = factory.LazyFunction(lambda: Municipality.objects.get(code="67050"))
    activity = "Répare des vélos."
    phone = "450 555-0125"


class ImportFactory(DjangoModelFactory):
    """An import of one row, read and not tried."""

    class Meta:
        model = Import
        skip_postgeneration_save = True

    file_name = "liste.csv"
    rows_total = 1
    header = factory.LazyFunction(lambda: ["Nom", "Ville"])
    mapping = factory.LazyFunction(lambda: ["name", "municipality"])

    @factory.post_generation
    def rows(self, create, extracted, **kwargs):
        self.rows.create(number=2, cells=["La Ruche", "Mercier"])


class SiteImportFactory(DjangoModelFactory):
    """A former site whose export was tried, and whose files are no longer there."""

    class Meta:
        model = SiteImport

    file_name = "site.xml"
    site = "https://ancien.example"
    state = SiteImport.State.TRIED


class ForumFactory(DjangoModelFactory):
    """An announced forum, thirty days from now."""

    class Meta:
        model = Forum

    slug = factory.Sequence(lambda n: f"forum-{n}")
    title = factory.Sequence(lambda n: f"Forum {n}")
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
    ends_at = factory.LazyAttribute(lambda forum: forum.starts_at + timedelta(hours=6))
    venue = "Centre communautaire"
    announced_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class ActivityProposalFactory(DjangoModelFactory):
    """An open day that an enterprise proposes, and that awaits its answer."""

    class Meta:
        model = ActivityProposal

    forum = factory.SubFactory(
        ForumFactory,
        kind="open_day",
        has_participation=False,
        announced_at=None,
        title=factory.Sequence(lambda n: f"Portes ouvertes {n}"),
        summary="Venez voir l’atelier.",
    )
    listing = factory.SubFactory(ListingFactory)
    proposed_by = factory.SubFactory(UserFactory)
    key = factory.LazyFunction(uuid.uuid4)


class SessionFactory(DjangoModelFactory):
    """A session of a training, of three hours, when the training begins."""

    class Meta:
        model = Session

    forum = factory.SubFactory(ForumFactory, kind="training", has_participation=False)
    position = factory.Sequence(lambda n: n)
    starts_at = factory.LazyAttribute(lambda session: session.forum.starts_at)
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=3))


class SeasonFactory(DjangoModelFactory):
    """A season of thirty days, under way."""

    class Meta:
        model = Season

    slug = factory.Sequence(lambda n: f"temps-fort-{n}")
    title = factory.Sequence(lambda n: f"Temps fort {n}")
    first_day = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=5))
    last_day = factory.LazyAttribute(lambda season: season.first_day + timedelta(days=29))


class RecommendationFactory(DjangoModelFactory):
    """An accepted recommendation of an announced forum."""

    class Meta:
        model = Recommendation

    forum = factory.SubFactory(ForumFactory)
    title = factory.Sequence(lambda n: f"Recommandation {n}")
    state = "accepted"
    thread = factory.SubFactory(ThreadFactory)


class ResultsFactory(DjangoModelFactory):
    """Published results of a past forum."""

    class Meta:
        model = Results

    forum = factory.SubFactory(
        ForumFactory, starts_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=9))
    )
    thread = factory.SubFactory(ThreadFactory)
    draft = factory.SubFactory(DraftFactory, published_version=1)
    introduction = "<p>Une journée bien remplie.</p>"
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class RegistrationFactory(DjangoModelFactory):
    """Someone who has a place and has arrived; `checked_in_at=None` for someone still awaited."""

    class Meta:
        model = Registration

    forum = factory.SubFactory(ForumFactory)
    name = factory.Sequence(lambda n: f"Participante {n}")
    email = factory.Sequence(lambda n: f"participante{n}@exemple.example")
    kind = "citizen"
    state = "confirmed"
    confirmed_at = factory.LazyFunction(timezone.now)
    checked_in_at = factory.LazyFunction(timezone.now)


class RoundFactory(DjangoModelFactory):
    """A round in preparation, which closes in two hours. `forums.vote.rounds.open_round` opens it."""

    class Meta:
        model = Round

    forum = factory.SubFactory(ForumFactory)
    number = factory.Sequence(lambda n: n + 1)
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=5))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=2))


class QuestionFactory(DjangoModelFactory):
    """A question by approval, five ticks at most, with options typed beforehand: `options=6`."""

    class Meta:
        model = Question
        skip_postgeneration_save = True

    round = factory.SubFactory(RoundFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Question {n}")
    limits = factory.Dict({"limit": 5})
    to_retain = 3

    @factory.post_generation
    def options(self, create, extracted, **kwargs):
        for number in range(1, (6 if extracted is None else extracted) + 1):
            OptionFactory(question=self, number=number)


class OptionFactory(DjangoModelFactory):
    class Meta:
        model = Option

    question = factory.SubFactory(QuestionFactory, options=0)
    number = 1
    title = factory.Sequence(lambda n: f"Recommandation {n}")
    description = "Ce qu’elle changerait, en une phrase."
