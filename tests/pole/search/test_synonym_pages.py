"""The synonyms as staff keep them: groups of the hub, and those that come with the portal."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from pole.caching.public_pages import read_public_state
from pole.hub.synonyms import MAX_GROUPS
from pole.models import SynonymGroup
from pole.search import current_synonyms
from pole.search.synonym_groups import default_groups
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.sent import form_of

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("staff:synonym_list"), reverse("staff:synonym_new")
CPE = reverse("staff:synonym_proposed", args=["cpe"])


@pytest.fixture
def client():
    return signed_in(UserFactory(roles=["directory"]), second_factor=True)


@pytest.fixture
def group():
    return SynonymGroup.objects.create(terms=["bac", "traversier"])


def address(group):
    return reverse("staff:synonym_edit", args=[group.pk])


def form_in(answer):
    """What a browser would send of it."""
    return form_of(answer.text, action="", own=True)


def post(client, page, **typed):
    return client.post(page, form_in(client.get(page)) | typed, follow=True)


def errors_of(answer):
    found = re.search(r'<ul class="field__error"[^>]*>(.*?)</ul>', answer.text, re.DOTALL)
    lines = re.findall("<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [unescape(re.sub(r"<[^>]+>", "", line)) for line in lines]


def typed_in(answer):
    return unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", answer.text, re.DOTALL)[1])


def searched(term):
    return {" ".join(other) for found in current_synonyms().alternatives([term]) for other in found.terms}


def version():
    return read_public_state(timezone.now()).version_of("hub")


def noted():
    return list(AuditEntry.objects.filter(kind="synonyms").order_by("pk").values_list("action", "by__roles"))


# --- Groups of the hub -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["bac,  traversier ,", "bac\r\n\r\ntraversier\r\n", "bac, traversier, Bacs, BAC"]
)
def test_group_is_added(client, typed):
    before = version()
    answer = post(client, NEW, terms=typed)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "la recherche en tient compte" in answer.text
    assert SynonymGroup.objects.get().terms == ["bac", "traversier"]
    assert (version() > before, searched("bac"), noted()) == (True, {"traversier"}, [("add", ["directory"])])


def test_group_is_changed_then_deleted(client, group):
    before = version()
    post(client, address(group), terms="bac\ntraversier\nferry")
    assert (searched("ferry"), version() > before) == ({"bac", "traversier"}, True)
    before = version()
    answer = post(client, address(group), action="delete", terms="seul")
    assert "Le groupe est supprimé." in answer.text
    assert (SynonymGroup.objects.exists(), searched("bac"), version() > before) == (False, set(), True)
    assert [action for action, _roles in noted()] == ["save", "delete"]
    assert client.get(address(group)).status_code == 404
    # A second click on the same button.
    assert client.post(address(group), {"action": "delete", "version": 2}, follow=True).status_code == 200


REFUSED = {
    "": "Remplissez le champ « Termes »",
    "bac": "au moins deux termes",
    "bac, BACS": "au moins deux termes",
    "bac, …, ☃": "« … » ne contient aucun mot que la recherche reconnaît.",
    "bac, de la": "« de la » ne contient aucun mot que la recherche reconnaît.",
    f"bac, {'a' * 61}": "est trop long : un terme compte au plus 60 caractères.",
    ", ".join(f"mot{number}" for number in range(31)): "Ce groupe compte 31 termes; le maximum est de 30.",
    "poupon, Garderies": "« Garderies » est déjà dans le groupe « CPE, garderie, centre de la petite enfance… ». Modifiez",
    "camion, traversiers": "« traversiers » est déjà dans le groupe « bac, traversier ». Modifiez",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused_group_is_explained_and_kept_as_typed(client, group, typed):
    before = version()
    answer = post(client, NEW, terms=typed)
    assert REFUSED[typed] in " ".join(errors_of(answer)).replace("\xa0", " ")
    assert typed_in(answer) == typed
    assert (SynonymGroup.objects.count(), version(), noted()) == (1, before, [])


def test_all_that_is_wrong_is_said_at_once(client):
    answer = post(client, NEW, terms=f"…, {'b' * 61}, CPE, resto")
    assert len(errors_of(answer)) == 4
    assert f'<a href="{CPE}">' in answer.text


def test_terms_at_the_limits_are_taken(client):
    terms = [f"{number:02}{'x' * 58}" for number in range(30)]
    post(client, NEW, terms=", ".join(terms))
    assert SynonymGroup.objects.get().terms == terms


def test_at_most_so_many_groups(client, group):
    SynonymGroup.objects.bulk_create(
        SynonymGroup(terms=[f"a{number}", f"b{number}"]) for number in range(MAX_GROUPS - 2)
    )
    SynonymGroup.objects.create(replaces="coiffeur", is_off=True)
    post(client, NEW, terms="camion, poids lourd")
    answer = post(client, NEW, terms="grue, treuil")
    assert errors_of(answer) == ["Votre pôle a déjà 500 groupes, le maximum. Supprimez-en un d’abord."]
    # Those that are there may still be changed.
    assert post(client, address(group), terms="bac, ferry").redirect_chain


def test_markup_is_shown_as_text(client):
    answer = post(client, NEW, terms="<b>CPE</b>, <i>resto</i>")
    assert "<b>" not in answer.text
    post(client, NEW, terms="<b>, bac")
    assert "&lt;b&gt;, bac" in client.get(LIST).text


# --- Those that come with the portal -----------------------------------------------------------


def test_proposed_group_is_switched_off_and_on(client):
    before = version()
    post(client, CPE, action="off", terms="")
    assert (searched("cpe"), version() > before) == (set(), True)
    assert "Désactivé" in client.get(LIST, {"etat": "off"}).text
    # Its terms are free meanwhile.
    answer = post(client, NEW, terms="garderie, La Marelle")
    assert searched("garderie") == {"la marelle"}
    own = SynonymGroup.objects.get(replaces="")
    answer = post(client, CPE, action="on")
    assert "est déjà dans le groupe" in " ".join(errors_of(answer))
    post(client, address(own), action="delete")
    post(client, CPE, action="on")
    assert "garderie" in searched("cpe")
    assert [action for action, _roles in noted()] == ["off", "add", "delete", "on"]


def test_proposed_group_is_changed_and_taken_back(client):
    post(client, CPE, terms="CPE, garderie, La Marelle")
    assert searched("cpe") == {"garderie", "la marelle"}
    assert "Modifié" in client.get(LIST, {"etat": "changed"}).text
    # Off, what the hub made of it stays; to save it is to use it again.
    post(client, CPE, action="off")
    assert typed_in(client.get(CPE)) == "CPE\ngarderie\nLa Marelle"
    post(client, CPE, terms="CPE, garderie")
    assert searched("cpe") == {"garderie"}
    post(client, CPE, action="reset", terms="n’importe quoi")
    assert "pouponniere" in searched("cpe")
    assert SynonymGroup.objects.get().terms == []
    assert [action for action, _roles in noted()] == ["save", "off", "save", "reset"]


def test_proposed_terms_typed_again_follow_the_file(client):
    post(client, CPE, terms="CPE, garderie")
    post(client, CPE, terms=", ".join(next(terms for terms in default_groups() if terms[0] == "CPE")))
    assert SynonymGroup.objects.get().terms == []


@pytest.mark.parametrize("action", ["delete", "nimporte"])
def test_another_act_than_the_page_offers_is_to_save(client, action):
    post(client, CPE, action=action, terms="CPE, garderie")
    assert searched("cpe") == {"garderie"}


def test_own_group_is_never_switched_off(client, group):
    post(client, address(group), action="off", terms="bac, ferry")
    group.refresh_from_db()
    assert (group.terms, group.is_off) == (["bac", "ferry"], False)


def test_group_that_is_not_there(client):
    unknown, gone = reverse("staff:synonym_proposed", args=["x"]), reverse("staff:synonym_edit", args=[9])
    assert (client.get(unknown).status_code, client.get(gone).status_code) == (404, 404)
    # Neither becomes a group of the hub by being saved.
    assert client.post(unknown, {"terms": "a, b", "version": 0}).status_code == 404
    assert client.post(gone, {"terms": "a, b", "version": 1}).status_code == 200
    assert not SynonymGroup.objects.exists()


def test_changed_group_of_the_file_has_no_other_address(client):
    row = SynonymGroup.objects.create(replaces="cpe", terms=["CPE", "garderie"])
    assert client.get(address(row)).status_code == 404


# --- Two people at once ------------------------------------------------------------------------


@pytest.mark.parametrize("is_proposed", [False, True])
def test_two_people_change_the_same_group(client, group, is_proposed):
    page = CPE if is_proposed else address(group)
    first = form_in(client.get(page))
    post(client, page, terms="ponton, ferry")
    for act in ("save", "off", "delete"):
        answer = client.post(page, first | {"terms": "ponton, navire", "action": act})
        assert "Quelqu’un d’autre a enregistré" in unescape(answer.text)
        assert "ponton, ferry" in answer.text
        assert typed_in(answer) == "ponton, navire"
        assert searched("ponton") == {"ferry"}
    # Once told, whoever saves again has seen it.
    client.post(page, form_in(answer))
    assert searched("ponton") == {"navire"}


def test_what_was_put_back_meanwhile_counts_as_changed(client):
    post(client, CPE, terms="CPE, garderie")
    seen = form_in(client.get(CPE))
    post(client, CPE, action="reset")
    post(client, CPE, terms="CPE, pouponnière")
    assert client.post(CPE, seen).status_code == 200
    assert searched("cpe") == {"pouponniere"}


def test_group_deleted_meanwhile_is_added_again_by_whoever_knows(client, group):
    page = address(group)
    seen = form_in(client.get(page)) | {"terms": "bac, ferry"}
    post(client, page, action="delete")
    answer = client.post(page, seen)
    assert "Ce groupe a été supprimé entre-temps" in answer.text
    assert (typed_in(answer), SynonymGroup.objects.exists()) == ("bac, ferry", False)
    client.post(page, form_in(answer))
    assert SynonymGroup.objects.get().terms == ["bac", "ferry"]


# --- The list ------------------------------------------------------------------------------------


def shown(client, **asked):
    return [group for group, _address, _label in client.get(LIST, asked).context["lines"]]


def test_list_begins_with_the_groups_of_the_hub(client, group):
    newer = SynonymGroup.objects.create(terms=["grue", "treuil"])
    assert [each.key for each in shown(client)[:3]] == [newer.pk, group.pk, None]
    assert client.get(LIST).text.count("<tr>") == 51
    assert len(shown(client, page=2)) == 50


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "traver"}, ["bac"]),
        ({"q": "GARDERIÈ"}, ["CPE", "RSGE"]),
        ({"q": "ebenis"}, ["ébéniste"]),
        ({"q": "zzz"}, []),
        ({"q": "\x00"}, None),
        ({"etat": "added"}, ["bac"]),
        ({"etat": "off"}, ["coiffeur"]),
        ({"etat": "off", "q": "bac"}, []),
        ({"etat": "nimporte", "q": "bac"}, ["bac"]),
    ],
)
def test_list_is_narrowed(client, group, asked, expected):
    SynonymGroup.objects.create(replaces="coiffeur", is_off=True)
    found = [each.shown_terms[0] for each in shown(client, **asked)]
    assert found == expected or (expected is None and len(found) == 50)


def test_tabs_of_the_directory_lead_there(client):
    assert f'href="{LIST}"' in client.get(reverse("staff:listing_list")).text


@pytest.mark.parametrize("roles", [["editorial"], ["forums"]])
def test_other_roles_are_refused(roles, group):
    other = signed_in(UserFactory(roles=roles), second_factor=True)
    for page in (LIST, NEW, CPE, address(group)):
        assert other.get(page).status_code == 403
        assert other.post(page, {"terms": "grue, treuil"}).status_code == 403
    assert SynonymGroup.objects.count() == 1


def test_pages_in_english(client, group):
    page = client.get(f"/en{address(group)}").text
    assert "Group of synonyms" in page
    answer = client.post(f"/en{NEW}", {"terms": "bac"})
    assert "A group has at least two terms" in answer.text
