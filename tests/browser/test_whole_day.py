"""A whole forum through the pages of the team alone: announced, cartons and papers, the door with a couple of one address,
two votes, published results. Each step is reached from the page before it, and every click is counted.

With `POLE_PICTURES=1`, it also takes the pictures of docs/guide-forum.md.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pypdf
import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from forums.models import Forum, PaperBallot, SealedBox
from forums.vote.reconciliation import Reconciliation
from pole.caching.in_process import clear_caches
from tests.browser.pictures import narrow_picture, picture
from tests.factories import RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A key pressed in a form clicks its button, too: such a click has no detail.
COUNT_CLICKS = """addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);"""
# It took 83 before pages led to one another.
MOST_CLICKS = 60
COUPLE = "rivage@exemple.example"
OTHERS = (
    "Amélie Dufour", "Bastien Morin", "Diane Lévesque", "Farid Haddad", "Gisèle Pelletier", "Hugo Thériault",
    "Inès Bélanger", "Jean-Guy Roussel",
)  # fmt: skip


def at(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def announce_a_forum(page):
    """From the dashboard to an announced forum, of today and tomorrow."""
    page.get_by_role("link", name="Nouvelle activité").click()
    page.get_by_role("link", name="Forum", exact=True).click()
    nine = timezone.localtime().replace(hour=9, minute=0)
    for field, value in {
        "title": "Forum des rives", "summary": "Une journée pour choisir ce que les deux rives feront ensemble.",
        "starts_at": at(nine), "ends_at": at(nine + timedelta(days=1, hours=8)), "venue": "Salle des Loisirs",
        "registration_opens_at": at(nine - timedelta(days=9)),
    }.items():  # fmt: skip
        page.locator(f"#id_{field}").fill(value)
    page.get_by_label("Recommandations et votes").check()
    page.get_by_role("button", name="Enregistrer", exact=True).first.click()
    page.get_by_role("button", name="Annoncer").click()
    expect(page.get_by_text("Tout le monde voit ce forum")).to_be_visible()


def prepare_the_vote(page):
    """Two questions, whose options are typed by hand."""
    page.get_by_role("link", name="Scrutins").click()
    page.get_by_role("link", name="Préparer un scrutin").first.click()
    page.locator("#id_title").fill("Nos priorités")
    page.get_by_role("button", name="Ajouter une ligne").click()
    for place, (question, options) in enumerate((
        ("Que faire d’abord?", "Une navette entre les rives\nUne cuisine commune\nDes toits abordables\nUn atelier de vélos"),
        ("Où nous réunir ensuite?", "Au quai\nÀ l’école\nÀ la bibliothèque"),
    )):  # fmt: skip
        page.get_by_label("Question", exact=True).nth(place).fill(question)
        page.get_by_label("Choix permis").nth(place).fill("2")
        page.get_by_label("Nombre à retenir").nth(place).fill(str(2 - place))
        page.get_by_label("Options tapées à la main").nth(place).fill(options)
    picture(page, "forum-scrutin", start=page.locator("#questions"))
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="À faire : ouvrir le vote")).to_be_visible()


def print_all(page):
    """Papers, then cartons; gives the code of each carton, by its number."""
    page.get_by_role("button", name="Préparer le bulletin").click()
    page.get_by_role("link", name="Imprimer des bulletins").click()
    with page.expect_download(timeout=60_000) as papers:
        page.get_by_role("button", name="Imprimer (PDF)").click()
    assert papers.value.suggested_filename.endswith(".pdf")
    page.get_by_role("link", name="Cartons de vote").click()
    with page.expect_download(timeout=60_000) as cartons:
        page.get_by_role("button", name="Imprimer (PDF)").click()
    text = " ".join(each.extract_text() for each in pypdf.PdfReader(cartons.value.path()).pages)
    return {
        int(number): code
        for number, code in re.findall(r"Carton de vote (\d+).*?code\s:\s*(\S+)", text, re.DOTALL)
    }


def come_without_a_place(page, name, carton):
    """Someone who gives the couple's address."""
    page.get_by_role("link", name="Inscription sur place").click()
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Adresse courriel").fill(COUPLE)
    page.get_by_label("Carton de vote").fill(str(carton))
    page.get_by_role("button", name="Inscrire et confirmer l’arrivée").click()


def welcome(page):
    """A couple of one address, then somebody of the list."""
    page.get_by_role("link", name="Prise des présences").click()
    come_without_a_place(page, "Rose Gagnon", 1)
    expect(page.get_by_text("Arrivée confirmée : Rose Gagnon, avec le carton 1")).to_be_visible()
    come_without_a_place(page, "Marc Côté", 2)
    expect(page.get_by_text("Cette adresse est déjà utilisée par Rose Gagnon")).to_be_visible()
    narrow_picture(page, "forum-meme-adresse")
    page.get_by_role("button", name="Non, une autre personne").click()
    expect(page.get_by_text("Arrivée confirmée : Marc Côté, avec le carton 2")).to_be_visible()
    page.get_by_label("Nom ou organisation").fill("lou")
    page.get_by_role("link", name="Lou Petit").click()
    page.get_by_label("Carton de vote").fill("3")
    page.get_by_role("button", name="Confirmer l’arrivée").click()
    expect(page.get_by_text("Arrivée confirmée : Lou Petit, avec le carton 3")).to_be_visible()
    picture(page, "forum-accueil", start=page.locator(".door-bar"), tallest=900)


def open_the_vote(page):
    page.get_by_role("link", name="Ouvrir le vote…").click()
    page.get_by_role("button", name="Ouvrir le vote").click()
    expect(page.get_by_role("heading", name="Le vote est ouvert")).to_be_visible()


def vote(phone, code, *options):
    """The phone of somebody, not of the team."""
    phone.goto(f"/vote/{code}/")
    for option in options:
        phone.get_by_label(option).check()
    picture(phone, "forum-bulletin")
    phone.get_by_role("button", name="Relire mon bulletin").click()
    phone.get_by_role("button", name="Déposer mon bulletin").click()
    phone.wait_for_url("**/vote/recu/")
    phone.get_by_role("button", name="Terminer et effacer").click()
    # The device is emptied first, then the form leaves.
    phone.wait_for_url(lambda address: "/recu/" not in address)


def go_back(page):
    page.get_by_role("link", name="Retour au scrutin").click()
    expect(page.locator(".round-next")).to_be_visible()


def give_out_a_paper(page, name):
    page.get_by_role("link", name="Remettre un bulletin papier").click()
    page.locator("main").get_by_role("searchbox").fill(name)
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Remettre un bulletin papier").click()
    picture(page, "forum-papier", start=page.locator(".door"), tallest=860)
    page.get_by_role("button", name="Oui, le bulletin est en main").click()
    expect(page.get_by_text("Vous pouvez remettre le bulletin papier.")).to_be_visible()
    go_back(page)


def type_the_paper(page, serial):
    """By keyboard; whoever typed goes back to the round."""
    page.get_by_role("link", name="Saisir les bulletins").first.click()
    expect(page.get_by_label("Série du bulletin")).to_be_focused()
    page.keyboard.type(serial.lower())
    for marks in ("1 3", "2"):
        page.keyboard.press("Tab")
        page.keyboard.type(marks)
    picture(page, "forum-saisie", start=page.locator(".typing"), tallest=1000)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(serial)
    go_back(page)


def close_the_vote(page, button):
    page.locator("summary", has_text="Fermer le vote…").click()
    page.get_by_role("button", name=button).click()


def seal(page):
    """Notes the seal, which the page shows at once."""
    picture(page, "forum-sceller", start=page.locator(".page-head"), tallest=1000)
    page.get_by_role("button", name="Sceller l’urne").click()
    expect(page.locator(".seal")).to_be_visible()


def reveal(page):
    """One priority a key, then the seal."""
    expect(page.locator("[data-next]")).to_be_visible()
    while page.locator("[data-next]").is_visible():
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Sceau de l’urne")).to_be_visible()


def look_at_the_screen(page, heading, name):
    page.get_by_role("link", name="Page pour le projecteur").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    if name == "scelle":
        reveal(page)
    picture(page, f"forum-ecran-{name}")
    go_back(page)


def prepare_another_vote(page):
    """The same questions; whoever took a paper has no carton any more, and gets one."""
    page.get_by_role("button", name="Préparer un autre scrutin avec les mêmes questions").click()
    page.locator("#id_title").fill("Nos priorités, second tour")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Ouvrir le vote…").click()
    page.locator("summary", has_text="1 personne n’a rien pour voter").click()
    picture(page, "forum-sans-carton", start=page.locator(".round-steps"), tallest=900)
    page.get_by_role("link", name="Lou Petit").click()
    page.get_by_label("Carton de vote").fill("4")
    page.get_by_role("button", name="Remettre ce carton").click()
    expect(page.get_by_text("Lou Petit, avec le carton 4")).to_be_visible()
    page.get_by_role("link", name="Scrutins").click()
    page.get_by_role("link", name="Nos priorités, second tour").click()
    expect(page.get_by_role("heading", name="À faire : ouvrir le vote")).to_be_visible()


class Clicks:
    """Those of each step, by all members of the team."""

    def __init__(self, *pages):
        self.pages, self.by_step = pages, {}

    @property
    def total(self):
        return sum(self.by_step.values())

    def note(self, step):
        told = [self.told_by(page) for page in self.pages if page.url != "about:blank"]
        self.by_step[step] = sum(told) - self.total

    @staticmethod
    def told_by(page, tries=5):
        """The round's page may move on by itself just then; what it counts outlives it."""
        try:
            return page.evaluate("Number(sessionStorage.clicks || 0)")
        except Error:
            if not tries:
                raise
            page.wait_for_load_state()
            return Clicks.told_by(page, tries - 1)


def first_vote(page, colleague, phone, codes, clicks):
    """Two people vote by carton, the third on paper."""
    page.get_by_role("link", name="Scrutins").click()
    page.get_by_role("link", name="Nos priorités").click()
    open_the_vote(page)
    clicks.note("opened")
    vote(phone, codes[1], "Une navette entre les rives", "Au quai")
    vote(phone, codes[2], "Des toits abordables", "Au quai")
    give_out_a_paper(page, "lou")
    look_at_the_screen(page, "Le vote est ouvert", "ouvert")
    clicks.note("voted")
    close_the_vote(page, "Fermer le vote")
    look_at_the_screen(page, "Vote fermé", "ferme")
    serial = PaperBallot.objects.order_by("serial").first().serial
    type_the_paper(page, serial)
    # Of whoever comes to type, the only address that is not followed.
    colleague.goto("/gestion/")
    colleague.get_by_role("link", name="Scrutin à concilier et à sceller").click()
    type_the_paper(colleague, serial)
    # As when its window is looked at again; else it comes by itself in a few seconds.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", name="À faire : sceller l’urne")).to_be_visible(timeout=60_000)
    clicks.note("typed")
    seal(page)
    look_at_the_screen(page, "Ce que nous retenons", "scelle")
    clicks.note("sealed")


def second_vote(page, phone, codes, clicks):
    """All three by carton: no paper, so the closing seals."""
    prepare_another_vote(page)
    clicks.note("prepared again")
    open_the_vote(page)
    for number in (1, 2, 4):
        vote(phone, codes[number], "Une navette entre les rives", "À l’école")
    close_the_vote(page, "Fermer et sceller")
    expect(page.locator(".seal")).to_be_visible()
    clicks.note("voted again")
    page.get_by_role("button", name="Publier les résultats").click()
    expect(page.get_by_role("heading", name="Les résultats sont publiés")).to_be_visible()
    picture(page, "forum-publie", start=page.locator(".page-head"), tallest=1000)
    page.get_by_role("link", name="Voir la page").click()
    expect(page.get_by_text("Une navette entre les rives").first).to_be_visible()
    clicks.note("published")


def test_whole_day_takes_few_clicks_and_has_no_dead_end(open_page, sign_in, transactional_db):
    clear_caches()
    page, colleague, phone = open_page(), open_page(), open_page(width=360)
    for each, name in ((page, "Claire Roy"), (colleague, "Sacha Tremblay")):
        each.add_init_script(COUNT_CLICKS)
        sign_in(each, UserFactory(is_staff=True, name=name))
    clicks = Clicks(page, colleague)
    page.goto("/gestion/")
    announce_a_forum(page)
    clicks.note("announced")
    prepare_the_vote(page)
    clicks.note("prepared")
    codes = print_all(page)
    clicks.note("printed")
    forum = Forum.objects.get()
    # Registered by telephone, without an address.
    RegistrationFactory(forum=forum, name="Lou Petit", email="", checked_in_at=None)
    for name in OTHERS:
        RegistrationFactory(forum=forum, name=name, checked_in_at=None)
    welcome(page)
    clicks.note("welcomed")
    first_vote(page, colleague, phone, codes, clicks)
    second_vote(page, phone, codes, clicks)
    print(clicks.total, "clicks:", clicks.by_step)
    assert 20 < clicks.total < MOST_CLICKS
    assert forum.registrations.filter(email=COUPLE, checked_in_at__isnull=False).count() == 2
    boxes = [
        Reconciliation.from_json(box.reconciliation) for box in SealedBox.objects.order_by("round__number")
    ]
    assert [(box.ballots, box.papers_issued, box.on_roll) for box in boxes] == [(3, 1, 3), (3, 0, 3)]
    clear_caches()
