"""axe on every kind of page: light and dark, phone and desk; and nothing that must be scrolled sideways."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

PUBLIC = [
    "/", "/en/", "/billets/", "/billets/une-eglise-a-reprendre/", "/repertoire/", "/repertoire/?q=erable", "/forums/", "/priorites/",
    "/recherche/?q=logement", "/a-propos/", "/contact/", "/confidentialite/", "/compte/connexion/", "/compte/inscription/", "/nulle-part/",
]  # fmt: skip
STAFF = [
    "/gestion/", "/gestion/billets/", "/gestion/billets/nouveau/", "/gestion/pages/", "/gestion/billets/signatures/", "/gestion/moderation/",
    "/gestion/pole/", "/gestion/pole/menus/", "/gestion/forums/", "/gestion/repertoire/", "/gestion/personnes/",
]  # fmt: skip


def faults_of(page, address):
    """What axe finds, one line each, and whether the page is wider than the screen."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found = [
        f"{address}: {violation['id']}: {node['html'][:140]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append(f"{address}: wider than the screen")
    if page.locator("h1").count() != 1:
        found.append(f"{address}: {page.locator('h1').count()} h1")
    return found


@pytest.fixture
def sample_pages():
    """A page of each kind whose address depends on the content."""
    from blog.models import Post
    from enterprises.models import Listing
    from forums.models import Forum, Results

    now_public = Forum.objects.exclude(announced_at=None).first()
    results = Results.objects.exclude(published_at=None).select_related("forum").first()
    return {
        "public": [
            Listing.objects.published().first().get_absolute_url(),
            now_public.get_absolute_url(),
            results.get_absolute_url(),
        ],
        "staff": [
            f"/gestion/billets/{Post.objects.first().pk}/",
            f"/gestion/forums/{now_public.slug}/",
        ],
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_public_pages_have_no_fault(open_page, demonstration, sample_pages, width, theme):
    page = open_page(width=width, theme=theme)
    assert [
        fault for address in [*PUBLIC, *sample_pages["public"]] for fault in faults_of(page, address)
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_staff_pages_have_no_fault(open_page, demonstration, sample_pages, sign_in, width, theme):
    from accounts.models import User

    page = open_page(width=width, theme=theme)
    sign_in(page, User.objects.get(email="direction@pole.example"))
    assert [fault for address in [*STAFF, *sample_pages["staff"]] for fault in faults_of(page, address)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_personal_pages_have_no_fault(open_page, demonstration, sign_in, theme):
    from accounts.models import User

    page = open_page(width=360, theme=theme)
    sign_in(page, User.objects.get(email="entreprise@pole.example"))
    listing = User.objects.get(email="entreprise@pole.example").listing_roles.first().listing
    addresses = [
        "/compte/",
        "/compte/validation/",
        "/billets/une-eglise-a-reprendre/",
        f"{listing.get_absolute_url()}modifier/",
    ]
    assert [fault for address in addresses for fault in faults_of(page, address)] == []
