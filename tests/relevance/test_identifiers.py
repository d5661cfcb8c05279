"""What identifies a listing finds it, however it is written: NEQ, telephone, postal code, street, site and e-mail address.

The listings that have what was typed, as it is or as its beginning, come before all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.utils import timezone

from blog.models import Post
from enterprises.models import Listing
from tests.relevance import asking

pytestmark = pytest.mark.django_db
# Listings on a page.
SHOWN = {asking.DIRECTORY: 24, asking.PORTAL: 5}


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    typed: str
    # Whether a listing has it, from its own columns.
    is_wanted: Callable[[Listing], bool]


@pytest.fixture
def directory(db):
    """The demonstration's listings, ten of them with identifiers whose beginnings are theirs alone."""
    names = asking.seed_directory()
    ten = []
    for row in asking.read_data("identifiers.toml")["listing"]:
        [slug] = asking.slugs_named(names, [row.pop("name")])
        listing = Listing.objects.get(slug=slug)
        for column, value in row.items():
            setattr(listing, column, value or getattr(listing, column))
        listing.save()
        ten.append(listing)
    assert len(ten) == 10
    return ten


def questions_about(listing):
    return [
        *_numbers(listing.neq, listing.phone.removeprefix("+1")),
        *_places(listing.postal_code, listing.street),
        *_addresses(listing.website.removeprefix("https://"), listing.email),
    ]


def _numbers(neq, phone):
    spaced_neq, area, exchange, line = f"{neq[:4]} {neq[4:7]} {neq[7:]}", phone[:3], phone[3:6], phone[6:]

    def has_neq(row):
        return row.neq == neq

    def has_phone(row):
        return row.phone == f"+1{phone}"

    yield Question("NEQ", neq, has_neq)
    yield Question("NEQ spaced", spaced_neq, has_neq)
    yield Question("NEQ, beginning", neq[:6], lambda row: row.neq.startswith(neq[:6]))
    for typed in (
        f"{area} {exchange}-{line}",
        f"({area}) {exchange}-{line}",
        f"{area}.{exchange}.{line}",
        phone,
        f"+1 {area} {exchange} {line}",
        f"1-{area}-{exchange}-{line}",
    ):
        yield Question("telephone", typed, has_phone)
    yield Question(
        "telephone, beginning", f"{area} {exchange}-", lambda row: row.phone.startswith(f"+1{area}{exchange}")
    )
    yield Question(
        "telephone, beginning", f"{area}{exchange}", lambda row: row.phone.startswith(f"+1{area}{exchange}")
    )


def _places(postal_code, street):
    whole = street.partition(", bureau")[0]
    without_number = whole.partition(", ")[2] or whole

    def has_code(row):
        return row.postal_code == postal_code

    def has_street(row):
        return without_number in row.street

    yield Question("postal code", postal_code, has_code)
    yield Question("postal code", postal_code.replace(" ", "").lower(), has_code)
    yield Question(
        "postal code, beginning", postal_code[:3], lambda row: row.postal_code.startswith(postal_code[:3])
    )
    yield Question("street", whole, has_street)
    yield Question("street", without_number, has_street)
    yield Question("street", without_number.replace("-", " ").lower(), has_street)


def _addresses(domain, email):
    def has_domain(row):
        return row.website.endswith(f"//{domain}")

    def has_email(row):
        return row.email == email

    for typed in (domain, f"www.{domain}", f"https://{domain}", f"https://www.{domain}/"):
        yield Question("site", typed, has_domain)
    yield Question("e-mail address", email, has_email)
    yield Question("e-mail address, beginning", email.partition(".")[0], has_email)


def test_identifiers_find_their_listings_first(client, directory, capsys):
    rows = list(Listing.objects.published())
    asked, first_of, missed = Counter(), Counter(), []
    for listing in directory:
        for question in questions_about(listing):
            wanted = {row.slug for row in rows if question.is_wanted(row)}
            assert listing.slug in wanted
            for address in (asking.DIRECTORY, asking.PORTAL):
                found = asking.listings_of(asking.read_page(client, question.typed, address))
                expected = min(len(wanted), SHOWN[address])
                is_first = set(found[:expected]) <= wanted and len(set(found[:expected])) == expected
                asked[question.kind, address] += 1
                first_of[question.kind, address] += is_first
                if not is_first:
                    missed.append(f"{address} {question.typed}")
    with capsys.disabled():
        print(f"\nIdentifiants : {asking.share(first_of.total(), asked.total())}")
        for kind, address in asked:
            print(f"  {kind:<26} {address:<12} {asking.share(first_of[kind, address], asked[kind, address])}")
        print(f"  manqués : {', '.join(missed[:30])}")
    assert missed == []


def test_names_of_authors_find_their_posts_first(client, settings, tmp_path, capsys):
    settings.VAR_DIR = tmp_path
    call_command("seed_demo")
    signed: dict[str, set[str]] = {}
    for post in Post.objects.published(timezone.now()).filter(language="fr").prefetch_related("authors"):
        for author in post.authors.all():
            signed.setdefault(author.name, set()).add(post.get_absolute_url())
    assert len(signed) == 5
    missed = []
    for name, posts in signed.items():
        for typed in (name, name.lower(), name.split()[-1]):
            page = asking.read_page(client, typed, asking.PORTAL, genre="actualites")
            if set(asking.entries_of(page)[: len(posts)]) != posts:
                missed.append(typed)
    with capsys.disabled():
        asked = 3 * len(signed)
        print(f"\nNoms d’auteurs : {asking.share(asked - len(missed), asked)}")
    assert missed == []
