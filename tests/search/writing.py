"""Random writes of whatever search indexes read."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from blog.models import Author, Byline, Post
from enterprises.models import Listing, Sector
from forums.models import Forum, Priority, Recommendation, Results
from pole.models import Mrc, Municipality
from tests.factories import (
    AuthorFactory,
    ForumFactory,
    ListingFactory,
    PostFactory,
    RecommendationFactory,
    ResultsFactory,
    SectorFactory,
)  # fmt: skip
from tests.search.indexes import execute

# Few, so that rows share them.
VOCABULARY = [
    "ruche",
    "ruches",
    "miel",
    "boulangerie",
    "vélos",
    "vélo",
    "coopérative",
    "garderie",
    "menuiserie",
    "honey",
    "bakery",
    "Beauharnois",
]


def text(rng, most=4):
    return " ".join(rng.choices(VOCABULARY, k=rng.randint(1, most)))


class Writer:
    """Random writes of whatever the indexes read; each method is one of them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.towns = list(Municipality.objects.filter(mrc__isnull=False).order_by("code")[:6])
        self.mrcs = list(Mrc.objects.order_by("code")[:4])
        self.results = ResultsFactory()
        for name in ("listing", "sector", "post", "author", "forum", "recommendation", "priority") * 2:
            getattr(self, f"create_{name}")()

    def one(self, model):
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return model.objects.get(pk=self.rng.choice(keys)) if keys else None

    def write(self) -> str:
        name = self.rng.choice([each for each in dir(self) if each.startswith(("create_", "change_"))])
        getattr(self, name)()
        return name

    # --- Listings and what they are found by

    def create_listing(self):
        rng = self.rng
        listing = ListingFactory(
            name=text(rng), mission=text(rng), mission_en=text(rng), municipality=rng.choice(self.towns),
            other_names=[text(rng)], neq=rng.choice(["", f"114{rng.randrange(10**7):07d}"]),
            languages=rng.sample(["fr", "en"], rng.randint(0, 2)), state=rng.choice(["published", "draft"]),
        )  # fmt: skip
        listing.territory.set(rng.sample(self.mrcs, 2))

    def change_listing(self):
        if listing := self.one(Listing):
            field, value = self.rng.choice(
                [
                    ("name", text(self.rng)), ("mission", text(self.rng)), ("mission_en", text(self.rng)),
                    ("description", f"<p>{text(self.rng)}</p>"), ("description_en", text(self.rng)),
                    ("products", [text(self.rng)]), ("products_en", [text(self.rng)]),
                    ("other_names", [text(self.rng)]), ("street", text(self.rng)), ("phone", "450 555-1143"),
                    ("email", "ruche@miel.example"), ("website", "https://miel.example/"),
                    ("postal_code", "J6J 1A1"), ("legal_form", "mutual"), ("languages", ["fr"]), ("supplies", []),
                    ("state", "draft"), ("state", "archived"), ("state", "published"),
                    ("municipality", self.rng.choice(self.towns)),
                ]
            )  # fmt: skip
            setattr(listing, field, value)
            listing.save(update_fields=self.rng.choice([[field], None]))

    def change_listing_gone(self):
        if listing := self.one(Listing):
            listing.delete()

    def change_listings_at_once(self):
        Listing.objects.filter(pk__in=self.some(Listing)).update(mission=text(self.rng), state="published")

    def change_listings_in_bulk(self):
        rows = list(Listing.objects.defer("document").filter(pk__in=self.some(Listing)))
        for row in rows:
            row.name, row.products = text(self.rng), [text(self.rng)]
        Listing.objects.bulk_update(rows, ["name", "products"])

    def change_listings_by_sql(self):
        execute(
            "UPDATE enterprises_listing SET street = %s, languages = '{en}' WHERE id %% 2 = 0", text(self.rng)
        )

    def change_sectors_of_listing(self):
        if listing := self.one(Listing):
            listing.sectors.set(Sector.objects.filter(pk__in=self.some(Sector)))

    def change_territory_of_listing(self):
        if listing := self.one(Listing):
            listing.territory.set(self.rng.sample(self.mrcs, self.rng.randint(0, 3)))

    def create_sector(self):
        sector = SectorFactory(name=f"{text(self.rng)} {self.rng.random()}", synonyms=[text(self.rng, 1)])
        sector.listings.set(Listing.objects.filter(pk__in=self.some(Listing)))

    def change_sector(self):
        if sector := self.one(Sector):
            values = {
                "name": f"{text(self.rng)} {self.rng.random()}",
                "name_en": text(self.rng),
                "synonyms": [],
            }
            name = self.rng.choice(list(values))
            Sector.objects.filter(pk=sector.pk).update(**{name: values[name]})

    def change_sector_gone(self):
        if sector := self.one(Sector):
            sector.delete()

    def change_municipality(self):
        town = self.rng.choice(self.towns)
        Municipality.objects.filter(pk=town.pk).update(
            name=text(self.rng), mrc=self.rng.choice([None, *self.mrcs])
        )

    def change_mrc(self):
        Mrc.objects.filter(pk=self.rng.choice(self.mrcs).pk).update(name=text(self.rng))

    # --- Posts and signatures

    def create_post(self):
        soon = timezone.now() + timedelta(hours=self.rng.randint(-50, 50))
        post = PostFactory(
            title=text(self.rng), body=f"<p>{text(self.rng)}</p>", published_at=self.rng.choice([None, soon])
        )
        for place, author in enumerate(Author.objects.filter(pk__in=self.some(Author))):
            Byline.objects.create(post=post, author=author, position=place)

    def change_post(self):
        if post := self.one(Post):
            when = timezone.now() - timedelta(minutes=self.rng.randint(0, 9999))
            values = {"title": text(self.rng), "heading": text(self.rng), "summary": text(self.rng),
                      "body": text(self.rng), "language": "en", "published_at": when}  # fmt: skip
            name = self.rng.choice(list(values))
            Post.objects.filter(pk=post.pk).update(**{name: values[name]})

    def change_post_hidden(self):
        if post := self.one(Post):
            Post.objects.filter(pk=post.pk).update(published_at=None)

    def change_post_gone(self):
        if post := self.one(Post):
            post.delete()

    def create_author(self):
        AuthorFactory(name=text(self.rng))

    def change_author(self):
        if author := self.one(Author):
            Author.objects.filter(pk=author.pk).update(name=text(self.rng))

    def change_author_gone(self):
        if author := self.one(Author):
            author.delete()

    def change_byline(self):
        if byline := self.one(Byline):
            others = Author.objects.exclude(bylines__post=byline.post_id)
            if other := others.order_by("pk").first():
                Byline.objects.filter(pk=byline.pk).update(author=other)
            else:
                byline.delete()

    # --- Forums

    def create_forum(self):
        ForumFactory(title=text(self.rng), summary=text(self.rng), venue=text(self.rng))

    def create_recommendation(self):
        RecommendationFactory(forum=self.one(Forum), title=text(self.rng), description=text(self.rng))

    def create_priority(self):
        last = Priority.objects.order_by("position").last()
        place = last.position + 1 if last else 1
        Priority.objects.create(results=self.results, title=text(self.rng), position=place)

    def change_forum(self):
        if forum := self.one(Forum):
            values = {"title": text(self.rng), "title_en": text(self.rng), "summary_en": text(self.rng),
                      "body": f"<p>{text(self.rng)}</p>", "venue": text(self.rng),
                      "announced_at": self.rng.choice([None, timezone.now()])}  # fmt: skip
            name = self.rng.choice(list(values))
            Forum.objects.filter(pk=forum.pk).update(**{name: values[name]})

    def change_texts_of_forum(self):
        for model in (Recommendation, Priority):
            if row := self.one(model):
                field = self.rng.choice(["title", "title_en", "description", "description_en"])
                model.objects.filter(pk=row.pk).update(**{field: text(self.rng)})

    def change_who_may_read(self):
        now = timezone.now()
        moment = self.rng.choice([None, now - timedelta(hours=1), now + timedelta(hours=1)])
        Results.objects.filter(pk=self.results.pk).update(published_at=moment)
        if row := self.one(Recommendation):
            field, value = self.rng.choice([("is_hidden", True), ("is_hidden", False), ("state", "proposed")])
            Recommendation.objects.filter(pk=row.pk).update(**{field: value})

    def change_priority_gone(self):
        if priority := self.one(Priority):
            priority.delete()

    # --- All together

    def some(self, model):
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return self.rng.sample(keys, self.rng.randint(0, min(3, len(keys))))

    def change_nothing_in_the_end(self):
        """A savepoint that is rolled back, with what was noted since."""
        with suppress(InterruptedError), transaction.atomic():
            for _ in range(3):
                self.rng.choice(
                    [self.change_listing, self.change_post, self.change_author, self.change_sector]
                )()
            raise InterruptedError
