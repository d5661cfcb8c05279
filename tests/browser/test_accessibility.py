"""Every kind of page, opened once: axe in light, dark and forced colours from 320 to 1600 px, what nobody reaches, and nothing to scroll sideways."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from tests.browser.reach import out_of_reach
from tests.browser.soon import await_editors

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
# Of what axe fetches ahead, media alone: it would read an imported sheet through an element that the policy refuses.
AHEAD = '{ assets: ["media"], timeout: 10000 }'
# An element is told by its HTML: no selector of it is sought, a quarter of the work.
AXE, RUN_AXE = (
    AXE_FILE_PATH.read_text(),
    f"options => axe.run(document, {{ preload: {AHEAD}, selectors: false, ...options }})",
)
PUBLIC = [
    "/", "/en/", "/billets/", "/billets/une-eglise-a-reprendre/", "/repertoire/", "/repertoire/?q=erable",
    "/repertoire/?q=zzzz", "/repertoire/?tri=verification&page=3", "/repertoire/acheter/?s=1-2-3&pres=mercier", "/confidentialite/",
    "/agenda/", "/agenda/?vue=mois", "/agenda/?passees=1", "/agenda/abonnement/", "/agenda/mois-de-l-economie-sociale/",
    "/forums/lire-ses-etats-financiers-sans-ceder-a-la-panique/", "/forums/diner-causerie-sur-la-releve/", "/forums/atelier-achats-responsables/",
    "/forums/financer-son-projet-collectif-par-ou-commencer/inscription/", "/forums/", "/priorites/", "/recherche/?q=logement", "/a-propos/", "/contact/", "/ecrire/", "/equipe/",
    "/ce-que-nous-gardons/", "/compte/connexion/", "/compte/inscription/", "/nulle-part/",
    "/repertoire/carte/", "/repertoire/acheter/", "/repertoire/portrait/", "/repertoire/mentionner/", "/vote/", "/verifier/",
    "/forums/forum-regional-printemps-2027/inscription/", "/forums/forum-regional-automne-2025/suivi/",
    "/forums/rencontre-logement-et-voisinage/", "/forums/rencontre-logement-et-voisinage/vote/",
    "/forums/rencontre-logement-et-voisinage/ecran/", "/forums/rencontre-logement-et-voisinage/recommandations/",
    "/forums/forum-de-la-releve-collective/resultats/", "/forums/forum-de-la-releve-collective/ecran/",
    "/forums/journee-des-projets-de-la-riviere/resultats/", "/forums/journee-des-projets-de-la-riviere/ecran/",
]  # fmt: skip
STAFF = [
    "/gestion/", "/gestion/billets/", "/gestion/billets/nouveau/", "/gestion/pages/", "/gestion/billets/signatures/",
    "/gestion/moderation/", "/gestion/pole/", "/gestion/pole/menus/", "/gestion/pole/equipe/", "/gestion/pole/equipe/nouveau/", "/gestion/pole/territoire/", "/gestion/forums/", "/gestion/forums/?genre=visites", "/gestion/forums/nouveau/", "/gestion/forums/nouveau/?genre=forums", "/gestion/forums/nouveau/?genre=formations",
    "/gestion/agenda/temps-forts/", "/gestion/agenda/temps-forts/nouveau/",
    "/gestion/forums/lire-ses-etats-financiers-sans-ceder-a-la-panique/", "/gestion/forums/lire-ses-etats-financiers-sans-ceder-a-la-panique/presences/tableau/",
    "/gestion/forums/portes-ouvertes-a-l-atelier-du-rayon-libre/proposition/",
    "/gestion/repertoire/", "/gestion/repertoire/?sans=mrc", "/gestion/repertoire/classer/", "/gestion/repertoire/nouvelle/", "/gestion/personnes/", "/gestion/personnes/inviter/", "/gestion/images/",
    "/gestion/etat/", "/gestion/etat/conservation/", "/gestion/incidents/", "/gestion/incidents/nouveau/", "/gestion/incidents/copie/",
    "/gestion/premiers-pas/", "/gestion/premiers-pas/equipe/", "/gestion/premiers-pas/courriel/", "/gestion/premiers-pas/pages/",
    "/gestion/repertoire/importer/", "/gestion/repertoire/importer/reponses/", "/gestion/repertoire/a-traiter/", "/gestion/moderation/journal/",
    "/gestion/repertoire/synonymes/", "/gestion/repertoire/synonymes/nouveau/", "/gestion/repertoire/anciens-noms/", "/gestion/repertoire/anciens-noms/nouveau/", "/gestion/repertoire/synonymes/proposes/cpe/",
    *(
        f"/gestion/forums/rencontre-logement-et-voisinage/{page}/"
        for page in (
            "scrutins", "scrutins/1", "scrutins/1/liste", "scrutins/1/papier", "scrutins/cartons", "scrutins/nouveau",
            "inscriptions", "presences", "salle", "equipe", "courriels", "recommandations",
        )
    ),
    "/gestion/forums/forum-de-la-releve-collective/scrutins/1/conciliation/",
    "/gestion/forums/forum-regional-automne-2025/dossier/",
]  # fmt: skip
# A theme changes colours alone; a width, what is shown.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
THEMES = {"light": ("light", "none"), "dark": ("dark", "none"), "forced": ("light", "active")}
# What would glide for whoever asked for less motion; and be measured here on its way.
MOVES = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const { transitionDuration, animationName } = getComputedStyle(each);
  return parseFloat(transitionDuration) || animationName !== "none";
}).map((each) => each.outerHTML.slice(0, 90))"""
SCREENS = [
    (320, "light"), (768, "light"), (1600, "light"),
    (320, "dark"), (1600, "dark"), (320, "forced"), (1600, "forced"),
]  # fmt: skip


def faults_of(page, addresses, *, look=lambda page: []):
    """What `look` finds on each page, then axe on each screen; and pages wider than the screen or without one h1."""
    found = []
    for address in addresses:
        page.goto(address)
        await_editors(page)
        page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="reduce")
        found += [f"{address}: {each}" for each in look(page)]
        page.evaluate(AXE)
        for width, theme in SCREENS:
            page.set_viewport_size({"width": width, "height": 800})
            scheme, forced = THEMES[theme]
            page.emulate_media(color_scheme=scheme, forced_colors=forced, reduced_motion="reduce")
            where = f"{address} {width} {theme}"
            rules = {} if theme == "light" else COLOURS
            for violation in page.evaluate(RUN_AXE, {"resultTypes": ["violations"], **rules})["violations"]:
                found += [f"{where}: {violation['id']}: {node['html'][:140]}" for node in violation["nodes"]]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{where}: wider than the screen")
        found += [f"{address}: moves: {each}" for each in page.evaluate(MOVES)]
        if page.locator("h1").count() != 1:
            found.append(f"{address}: {page.locator('h1').count()} h1")
    return found


@pytest.fixture
def forum():
    from forums.models import Forum

    return Forum.objects.exclude(announced_at=None).order_by("starts_at").first()


def test_public_pages_have_no_fault(open_page, demonstration, forum):
    from enterprises.models import Listing

    listing = Listing.objects.published().first()
    results = f"{forum.get_absolute_url()}resultats/"
    addresses = [*PUBLIC, listing.get_absolute_url(), forum.get_absolute_url(), results]
    assert faults_of(open_page(), addresses, look=out_of_reach) == []


def test_staff_pages_have_no_fault(open_page, demonstration, forum, sign_in):
    from accounts.models import User
    from blog.models import Post

    page = open_page()
    sign_in(page, User.objects.get(email="direction@pole.example"))
    post, console = Post.objects.first(), f"/gestion/forums/{forum.slug}/"
    addresses = [*STAFF, f"/gestion/billets/{post.pk}/", console, f"{console}resultats/", f"{console}suivi/"]
    assert faults_of(page, addresses, look=out_of_reach) == []


def test_pages_of_a_voter_have_no_fault(open_page, demonstration, sign_in):
    from accounts.models import User

    page = open_page()
    sign_in(page, User.objects.get(email="citoyenne@pole.example"))
    vote = "/forums/rencontre-logement-et-voisinage/"
    addresses = [f"{vote}vote/", "/forums/forum-regional-printemps-2027/recommandations/proposer/"]
    assert faults_of(page, addresses) == []


def test_personal_pages_have_no_fault(open_page, demonstration, sign_in):
    from accounts.models import User

    owner = User.objects.get(email="entreprise@pole.example")
    listing = owner.listing_roles.first().listing
    page = open_page()
    sign_in(page, owner)
    addresses = [
        "/compte/", "/compte/validation/", "/compte/validation/application/activer/", "/compte/courriel/", "/compte/donnees/", "/compte/appareils/", "/compte/commentaires/",
        "/billets/une-eglise-a-reprendre/", f"{listing.get_absolute_url()}modifier/",
    ]  # fmt: skip
    assert faults_of(page, addresses) == []
