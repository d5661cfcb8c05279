"""Every list that staff search by typing: one way to find, one sentence when nothing is found."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts import journal
from accounts.models import Role
from blog.models import OldAddress
from desk.models import Document, Picture
from forums.models import RollEntry, Slip
from forums.vote import rounds
from pole.models import Municipality
from tests.conftest import signed_in
from tests.factories import (
    CommentFactory,
    ForumFactory,
    ListingFactory,
    PostFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    RoundFactory,
    SeasonFactory,
    UserFactory,
)

UNKNOWN = "zzz introuvable"
NOTHING = f"Aucun résultat pour «\u00a0{UNKNOWN}\u00a0»."


@dataclass(frozen=True)
class SearchedList:
    """The page `name`, whose row shows `row` and is found by each of `typed`; `hidden` is of the row too, and not to be found."""

    name: str
    row: str
    typed: tuple[str, ...]
    parameter: str = "q"
    more: str = ""
    hidden: tuple[str, ...] = ()

    def query(self, words: str) -> str:
        query = QueryDict(self.more, mutable=True)
        query[self.parameter] = words
        return query.urlencode()


PERSON, NAMED = "Anne Côté-L’Écuyer", ("ecuyer anne", "COTE l'ecuyer", "cote\u00a0anne", "coté l’ecu")
ORGANISED = (*NAMED, "coop oeuvre", "anne œuvre")
ADDRESS = ("anne.cote@exemple.example", "exemple.example")
LISTS = [
    SearchedList("people_of_forum", PERSON, (*ORGANISED, *ADDRESS, "ecuyer exemple")),
    SearchedList("door", PERSON, ORGANISED, hidden=ADDRESS),
    SearchedList("roll", PERSON, ORGANISED, hidden=ADDRESS),
    SearchedList("roll", "Zoé Saint-Jean", ("saint jean", "zoe"), parameter="ajout"),
    SearchedList("paper_issue", PERSON, ORGANISED, hidden=ADDRESS),
    SearchedList("carton_give", PERSON, ORGANISED, hidden=ADDRESS),
    SearchedList("carton_list", PERSON, (*NAMED, "4321"), hidden=ADDRESS),
    SearchedList("recommendation_list", "Un marché d’été", ("marche d'ete", "ETE marche", "quai oeuvres", "cote anne")),
    SearchedList("forum_list", "Forum de L’Écluse", ("ecluse forum", "l'écluse", "chateauguay")),
    SearchedList("season_list", "Mois de l’Économie", ("mois economie", "L'ECONOMIE", "month")),
    SearchedList("people", PERSON, (*NAMED, *ADDRESS)),
    SearchedList("journal", PERSON, NAMED, parameter="qui", hidden=ADDRESS),
    SearchedList("moderation", "Déjà vu à l’Île", ("deja ile", "l'ile", "cote anne"), more="etat=recents", hidden=ADDRESS),
    SearchedList("moderation", "Un mot très déplacé", ("tres deplace", "REGLE", "cote anne"), more="etat=masques"),
    SearchedList(
        "listing_list",
        "Coopérative de l’Érablière",
        ("erabliere cooperative", "l'erabl", "sirop oeuvre", "418 555-1234", "4185551234", "1161 234 567", "info@erabl"),
    ),
    SearchedList("former_name_list", "Melocheville", ("melocheville", "MELOCHE ville", "beauharnois meloche", "70022 meloche")),
    SearchedList("post_list", "L’été à la Forêt", ("foret ete", "l'ete")),
    SearchedList("redirect_list", "/2014/05/notre-assemblée/", ("assemblee 2014", "NOTRE", "05 notre")),
    SearchedList("document_list", "Procès-verbal d’août", ("proces verbal", "aout", "d'août")),
    SearchedList("picture_list", "Une bâtisse à l’Île", ("batisse", "ile l'île")),
]  # fmt: skip
EACH = pytest.mark.parametrize("searched", LISTS, ids=lambda each: f"{each.name}-{each.parameter}{each.more}")


@pytest.fixture
def addresses(db, staff):
    """A row of each list, and another that nothing typed here is to find; the address of each list."""
    municipality = Municipality.objects.get(code="67050")
    forum = ForumFactory(title="Forum de L’Écluse", municipality=municipality, has_participation=True)
    ForumFactory(title="Un autre jour")
    SeasonFactory(title="Mois de l’Économie", title_en="Economy Month")
    SeasonFactory(title="Semaine verte")
    for name, organisation, email in (
        (PERSON, "Coop de l’Œuvre", "anne.cote@exemple.example"),
        ("Zoé Saint-Jean", "", "zoe@ailleurs.example"),
        ("Marc Tremblay", "", "marc@ailleurs.example"),
    ):
        RegistrationFactory(forum=forum, name=name, organisation=organisation, email=email)
    round = RoundFactory(forum=forum, number=1)
    QuestionFactory(round=round, options=5)
    rounds.draw_ballot(round_id=round.pk)
    rounds.open_round(round_id=round.pk, by=None)
    RollEntry.objects.filter(round=round, registration__name__startswith="Zoé").delete()
    for number, person in ((4321, PERSON), (8765, "Marc Tremblay")):
        registration = forum.registrations.get(name=person)
        Slip.objects.create(
            forum=forum,
            number=number,
            registration=registration,
            code_hash=f"{number:064}",
            activated_at=timezone.now(),
        )
    anne = UserFactory(name=PERSON, email="anne.cote@exemple.example")
    RecommendationFactory(
        forum=forum, title="Un marché d’été", description="Au quai des Œuvres.", author=anne
    )
    RecommendationFactory(forum=forum, title="Des bancs")
    journal.record(action="suspend", kind="account", key=anne.pk, by=staff, person_id=anne.pk)
    post = PostFactory(title="L’été à la Forêt")
    PostFactory(title="Un billet")
    CommentFactory(thread=post.thread, text="Déjà vu à l’Île", author=anne)
    CommentFactory(thread=post.thread, text="Bravo")
    CommentFactory(
        thread=post.thread, text="Un mot très déplacé", author=anne, state="hidden", hidden_reason="Règle 2"
    )
    CommentFactory(thread=post.thread, text="Autre chose", state="hidden", hidden_reason="Doublon")
    ListingFactory(
        name="Coopérative de l’Érablière",
        other_names=["Le Sirop d’Œuvre"],
        neq="1161234567",
        phone="418-555-1234",
        email="info@erabliere.example",
    )
    ListingFactory(name="Garage du Nord")
    for path in ("/2014/05/notre-assemblée/", "/2015/06/autre/"):
        OldAddress.objects.create(path=path, target="/billets/")
    for title in ("Procès-verbal d’août", "Budget"):
        Document.objects.create(title=title, file="documents/a.pdf", size_bytes=1)
    for description in ("Une bâtisse à l’Île", "Un chemin"):
        Picture.objects.create(description=description, file="pictures/a.jpg", width_px=1, height_px=1)
    given = {"slug": forum.slug}
    of_forum = ("people_of_forum", "door", "carton_give", "carton_list", "recommendation_list")
    of_round = ("roll", "paper_issue")
    found = {name: reverse(f"staff:{name}", kwargs=given) for name in of_forum}
    found |= {name: reverse(f"staff:{name}", kwargs=given | {"number": 1}) for name in of_round}
    return {each.name: found.get(each.name) or reverse(f"staff:{each.name}") for each in LISTS}


def shown(client, addresses, searched, words):
    """The page without its form, which repeats what was typed."""
    response = client.get(f"{addresses[searched.name]}?{searched.query(words)}")
    assert response.status_code == 200
    return re.sub(r"&#x27;", "'", response.content.decode())


def rows_of(page):
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r'<form class="search-box[^>]*method="get".*?</form>', "", main, flags=re.DOTALL)


# What nothing typed here finds; the first has a place on the roll, which the page shows whatever is sought to be added.
OTHERS = (
    "Marc Tremblay",
    "Un autre jour",
    "Des bancs",
    "Un billet",
    "Garage du Nord",
    "Budget",
    "Bravo",
    "Un chemin",
)


@EACH
def test_a_row_is_found_by_any_part_of_what_it_shows(staff_client, addresses, searched):
    for words in searched.typed:
        page = shown(staff_client, addresses, searched, words)
        assert searched.row in rows_of(page), words
        assert "Aucun résultat pour" not in page
        for other in OTHERS[searched.parameter == "ajout" :]:
            assert other not in rows_of(page), words


@EACH
def test_what_the_list_does_not_show_finds_nothing(staff_client, addresses, searched):
    for words in searched.hidden:
        assert searched.row not in rows_of(shown(staff_client, addresses, searched, words)), words


@EACH
def test_nothing_found_says_what_was_typed_and_leads_back(staff_client, addresses, searched):
    page = shown(staff_client, addresses, searched, UNKNOWN)
    assert page.count(NOTHING) == 1
    assert searched.row not in rows_of(page)
    [back] = re.findall(r'<a href="([^"]*)">Effacer la recherche</a>', page)
    assert back in {f"?{searched.more}", "?", addresses[searched.name]}


@EACH
def test_the_box_has_a_label_and_keeps_what_was_typed(staff_client, addresses, searched):
    page = shown(staff_client, addresses, searched, 'Zoë "l’<b>')
    [box] = re.findall(rf'<input[^>]*name="{searched.parameter}"[^>]*>', page[page.index("<main") :])
    assert 'value="Zoë &quot;l’&lt;b&gt;"' in box
    identifier = re.search(r'id="([^"]+)"', box)[1]
    assert re.search(rf'<label[^>]*for="{identifier}"[^>]*>\s*[^<\s]', page)


@EACH
def test_nothing_typed_breaks_a_list(staff_client, addresses, searched):
    for words in ("%", "_", "\\", "' OR 1=1 --", "🐝", "a" * 10_000):
        assert searched.row not in rows_of(shown(staff_client, addresses, searched, words)), words
    # Nothing that can be read was typed.
    for words in ("\x00", "\ufeff\u202e"):
        assert "Aucun résultat" not in shown(staff_client, addresses, searched, words)


def test_pages_keep_what_was_typed(staff_client, db):
    forum = ForumFactory()
    RegistrationFactory.create_batch(60, forum=forum, organisation="Coop de l’Œuvre")
    RegistrationFactory(forum=forum)
    address = reverse("staff:people_of_forum", args=[forum.slug])
    page = staff_client.get(address, {"q": "oeuvre"}).content.decode()
    assert "60 résultats pour «\u00a0oeuvre\u00a0»." in page
    assert re.search(r'rel="next" href="\?q=oeuvre&amp;page=2"', page)


def test_the_journal_confirms_no_name_to_who_does_not_read_it(db, staff):
    person = UserFactory(name="Élise L’Heureux")
    journal.record(action="suspend", kind="account", key=person.pk, by=staff, person_id=person.pk)
    reader = UserFactory(roles=[Role.DIRECTORY], is_staff=True)
    address = reverse("staff:journal")
    assert (
        signed_in(reader, second_factor=True).get(address, {"qui": "elise"}).context["page"].paginator.count
        == 0
    )
    assert (
        signed_in(staff, second_factor=True)
        .get(address, {"qui": "l'heureux"})
        .context["page"]
        .paginator.count
        == 1
    )
    assert signed_in(reader, second_factor=True).get(address, {"qui": "CARON dominique"}).context["lines"]


def test_a_roll_confirms_no_account_behind_a_registration(staff_client, addresses):
    entry = RollEntry.objects.get(registration__name=PERSON)
    RollEntry.objects.filter(pk=entry.pk).update(user=UserFactory(name="Ghislaine Caché"))
    assert "Aucun résultat" in staff_client.get(addresses["roll"], {"q": "ghislaine"}).content.decode()
