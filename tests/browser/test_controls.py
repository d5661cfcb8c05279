"""Every control of every page is what is under the pointer at its place; and on a phone, staff see what to do first."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from playwright.sync_api import expect

from tests.browser.soon import await_editors
from tests.factories import CommentFactory, PostFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
WIDTHS = (360, 1280)
# Left out by rule, not by name: what isn't rendered (a closed menu or `details`), what only assistive technology reads
# (a pixel), what waits above the page for the focus (the skip link).
FAULTS = """() => {
  const controls = document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea, label");
  const described = (node) => node ? node.outerHTML.slice(0, 110).split("\\n")[0] : "nothing";
  const is_clipped = (node) => node && (getComputedStyle(node).clipPath.startsWith("inset(50%") || is_clipped(node.parentElement));
  const faults = new Set();
  for (const control of controls) {
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: false, contentVisibilityAuto: true })) continue;
    const seen = () => [...control.getClientRects()].filter((box) => box.width > 2 && box.height > 2);
    if (!seen().length || seen().every((box) => box.bottom + scrollY <= 0)) continue;
    if (is_clipped(control) || (control.matches("label") && !control.control)) continue;
    control.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    for (const box of seen()) {
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const hit = document.elementFromPoint(x, y);
      const label = hit && hit.closest("label");
      const is_its_own = hit && (control.contains(hit) || (label && label.control === control)
        || (control.matches("label") && control.control.contains(hit))
        // A control within its label: what is nested there is clicked for itself.
        || (control.matches("label") && control.contains(hit)));
      if (!is_its_own) faults.add(`${described(control)} is under ${described(hit)}`);
    }
  }
  scrollTo({ top: 0, behavior: "instant" });
  return [...faults];
}"""


def view_of(url):
    """The view that answers at an address of this site, or None."""
    path = urlsplit(url).path
    with translation.override("en" if path.startswith("/en/") else "fr"):
        try:
            return resolve(path).view_name
        except Resolver404:
            return None


def is_page(view):
    return view is not None and not view.startswith("admin:") and view != "media"


def visited(page, beginnings, pages_a_view):
    """Goes to the pages that links lead to, some of each view, and yields each address once it is open."""
    waiting, known, seen = list(beginnings), set(beginnings), Counter()
    while waiting:
        address = waiting.pop(0)
        view = view_of(address)
        if not is_page(view) or seen[view] >= pages_a_view:
            continue
        head = page.request.head(address)
        if not head.headers.get("content-type", "").startswith(
            "text/html"
        ) or "attachment" in head.headers.get("content-disposition", ""):
            seen[view] += 1
            continue
        page.goto(address)
        seen[view_of(page.url)] += 1
        await_editors(page)
        yield address
        links = page.evaluate(
            "[...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href'), location.href).href.split('#')[0])"
        )
        for link in links:
            if link.startswith(settings.BASE_URL) and link not in known:
                known.add(link)
                waiting.append(link.removeprefix(settings.BASE_URL))


def covered(page, beginnings, pages_a_view):
    found, count = [], 0
    for address in visited(page, beginnings, pages_a_view):
        count += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{address} {width}: {fault}" for fault in page.evaluate(FAULTS)]
    return found, count


def person(email):
    from accounts.models import User

    return User.objects.get(email=email)


@pytest.mark.parametrize(
    ("email", "beginnings", "pages_a_view", "least"),
    [
        ("", ["/", "/en/", "/compte/connexion/", "/nulle-part/"], 2, 35),
        ("entreprise@pole.example", ["/compte/", "/repertoire/"], 2, 35),
        ("direction@pole.example", ["/gestion/"], 1, 60),
    ],
    ids=["visitor", "owner", "team"],
)
def test_every_control_is_what_is_clicked(
    open_page, demonstration, sign_in, email, beginnings, pages_a_view, least
):
    page = open_page()
    if email:
        sign_in(page, person(email))
    faults, count = covered(page, beginnings, pages_a_view)
    assert not faults, "\n".join(faults)
    assert count >= least


def test_every_control_of_own_comments_is_what_is_clicked(open_page, transactional_db, sign_in):
    author = UserFactory()
    for state in ("published", "pending"):
        CommentFactory(
            thread=PostFactory().thread,
            author=author,
            state=state,
            shown_at=timezone.now() if state == "published" else None,
        )
    page = open_page()
    sign_in(page, author)
    faults, _count = covered(page, ["/compte/commentaires/"], 1)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", WIDTHS)
def test_own_listing_is_opened_in_its_editor(open_page, demonstration, sign_in, width):
    """A card's title covers its card: the other link in it leads elsewhere."""
    page = open_page(width=width)
    sign_in(page, person("entreprise@pole.example"))
    page.goto("/compte/")
    page.get_by_role("link", name="Modifier cette fiche").first.click()
    page.wait_for_url("**/modifier/")


@pytest.mark.parametrize("width", WIDTHS)
def test_whole_card_is_still_a_link(open_page, demonstration, width):
    page = open_page(width=width)
    page.goto("/")
    card = page.locator(".card:has(.card__title a)").first
    address = card.locator(".card__title a").get_attribute("href")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 6, box["y"] + 6)
    page.wait_for_url(f"**{address}")


FORUM = "/gestion/forums/rencontre-logement-et-voisinage/"
# A page of the team, and what one comes there to do.
FIRST_ACTIONS = {
    "/gestion/": "main a",
    "/gestion/moderation/": "main [data-item]",
    "/gestion/repertoire/": "main [type=search], main .search-box button",
    "/gestion/repertoire/a-traiter/": "main section a, main section button",
    "/gestion/billets/": "main .button",
    "/gestion/pages/": "main .button",
    "/gestion/personnes/": "main input:not([type=hidden])",
    f"{FORUM}scrutins/": "main a[href*='scrutins/1']",
    f"{FORUM}scrutins/1/": "main a[href$='papier/remise/']",
    f"{FORUM}scrutins/1/liste/": "main input[name=q]",
    f"{FORUM}scrutins/1/papier/": "main form button, main .button",
    f"{FORUM}scrutins/1/papier/remise/": "main input[name=q]",
    f"{FORUM}scrutins/cartons/": "main form button, main .button",
    f"{FORUM}inscriptions/": "main input[name=q], main .button",
    f"{FORUM}presences/": "main input",
    f"{FORUM}recommandations/": "main .button, main form button, main .tags a",
    "/gestion/forums/forum-regional-printemps-2027/equipe/": "main input:not([type=hidden])",
    "/gestion/forums/forum-de-la-releve-collective/scrutins/1/": "main .round-next a",
    "/gestion/forums/forum-de-la-releve-collective/scrutins/1/conciliation/": "main h2",
}
TOP = "node => node.getBoundingClientRect().top + scrollY"


def test_on_a_phone_the_team_sees_what_to_do_before_where_to_go(open_page, demonstration, sign_in):
    page = open_page(width=360)
    page.set_viewport_size({"width": 360, "height": 640})
    sign_in(page, person("direction@pole.example"))
    late = []
    for address, action in FIRST_ACTIONS.items():
        page.goto(address)
        title = page.locator("h1").evaluate(TOP)
        tops = [each.evaluate(TOP) for each in page.locator(action).all() if each.is_visible()]
        first = min(tops, default=9999)
        if title >= 400 or first >= 800:
            late.append(f"{address}: title at {title:.0f}, action at {first:.0f}")
    assert not late, "\n".join(late)


def test_menu_of_the_team_opens_on_a_phone_without_a_script(open_page, demonstration, sign_in):
    for width in WIDTHS:
        page = open_page(width=width, javascript=False)
        sign_in(page, person("direction@pole.example"))
        page.goto("/gestion/")
        people = page.get_by_role("navigation", name="Pages de gestion").get_by_role("link", name="Personnes")
        button = page.get_by_role("button", name="Pages de gestion")
        if width == 360:
            expect(people).to_be_hidden()
            button.click()
        else:
            expect(button).to_be_hidden()
        expect(people).to_be_visible()
        people.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Personnes")


@pytest.mark.parametrize("address", ["/gestion/moderation/?etat=masques", "/gestion/moderation/journal/"])
def test_on_a_phone_the_tab_where_one_is_shows(open_page, demonstration, sign_in, address):
    """Tabs that are wider than the window scroll by themselves."""
    page = open_page(width=360)
    sign_in(page, person("direction@pole.example"))
    page.goto(address)
    box = page.locator(".page-head .tags__link[aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_choices_of_a_form_stand_beside_their_words(open_page, demonstration, sign_in):
    page = open_page(width=360)
    sign_in(page, person("direction@pole.example"))
    page.goto(f"/gestion/moderation/personnes/{person('citoyenne@pole.example').pk}/suspendre/")
    for label in page.locator("main label:has(> input[type=radio])").all():
        assert label.evaluate("node => getComputedStyle(node).display") == "flex"


def test_wide_table_scrolls_by_itself_with_what_is_said_of_it(open_page, demonstration, sign_in):
    """Words for assistive technology stay within the table that scrolls."""
    page = open_page(width=360)
    sign_in(page, person("direction@pole.example"))
    page.goto("/gestion/pages/")
    page.locator("main table a").first.click()
    page.locator("a[href*='/historique/']").first.click()
    page.locator(".table-scroll").wait_for()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
