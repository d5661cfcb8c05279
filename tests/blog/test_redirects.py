"""Old addresses that staff lead somewhere, and those that are asked for and lead nowhere."""

from __future__ import annotations

from html import escape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from blog.models import Imported, MissedAddress, OldAddress
from blog.redirects import missed
from blog.redirects.shapes import shape_of
from tests.factories import ForumFactory, PageFactory, PostFactory


@pytest.fixture(autouse=True)
def nothing_waits():
    missed.forget_waiting()


@pytest.fixture
def former_site(db):
    return Imported.objects.create(source="ancien.example", kind="post", key="1", became=0)


def add(client, path, target, row=None):
    address = reverse("staff:redirect_edit", args=[row.pk]) if row else reverse("staff:redirect_new")
    return client.post(address, {"path": path, "target": target})


def test_staff_lead_an_address_somewhere(staff_client, client):
    assert add(staff_client, "/vieux/rapport.html", "/billets/").status_code == 302
    answer = client.get("/vieux/rapport.html")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/billets/")
    row = OldAddress.objects.get()
    post = PostFactory(published_at=timezone.now(), slug="neuf")
    assert (
        add(staff_client, "https://www.ancien.example/vieux/rapport.html", "/billets/neuf/", row).status_code
        == 302
    )
    row.refresh_from_db()
    assert (row.post, row.target) == (post, "")
    # The text moves: so does where it leads.
    post.slug = "plus-neuf"
    post.save()
    assert client.get("/vieux/rapport.html").headers["Location"] == "/billets/plus-neuf/"
    assert staff_client.post(reverse("staff:redirect_remove", args=[row.pk])).status_code == 302
    assert client.get("/vieux/rapport.html").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "//ailleurs.example/", "/a//b/", "\\a", "/a\\b", "sans-barre", "/un espace/", "/a/../b/", "",
        "/gestion/", "/gestion/x/", "/compte/", "/en/compte/x/", "/vote/", "/forums/a/tours/1/vote/", "/admin/", "/api/v1/x",
        "/media/x", "/static/x", "/", "/en/", "/billets/", "/en/billets/", "/recherche/?q=a", "/" + "x" * 400,
    ],
)  # fmt: skip
def test_what_is_no_old_address_is_refused(staff_client, path):
    answer = add(staff_client, path, "/billets/")
    assert answer.status_code == 422
    assert not OldAddress.objects.exists()


@pytest.mark.parametrize(
    "target",
    [
        "//ailleurs.example/", "https://ailleurs.example/", "http://testserver.ailleurs.example/", "javascript:alert(1)", "/\\ailleurs.example",
        "/gestion/", "/compte/", "/vote/", "/rien-ici/", "/billets/rien/", "/billets/?etiquette=rien", "/healthz", "/media/x", "billets/",
        "/vieux/", "/%2F/ailleurs.example", "/%5Cailleurs.example", "", "/connexion/", "/api/v1/",
    ],
)  # fmt: skip
def test_where_no_visitor_reads_a_page_is_refused(staff_client, target):
    answer = add(staff_client, "/vieux/", target)
    assert answer.status_code == 422
    assert not OldAddress.objects.exists()


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/billets/",
        "/billets",
        "/en/billets/",
        "/repertoire/",
        "/billets/?genre=nouvelle",
        "http://testserver/billets/",
        "/forums/",
    ],
)
def test_where_visitors_read_a_page_is_taken(staff_client, client, target):
    assert add(staff_client, "/vieux/", target).status_code == 302
    answer = client.get("/vieux/", follow=True)
    assert answer.status_code == 200


def test_a_forum_may_be_led_to(staff_client, client):
    forum = ForumFactory()
    answer = add(staff_client, "/assemblee-2019/", f"/forums/{forum.slug}/")
    assert answer.status_code == (302 if client.get(f"/forums/{forum.slug}/").status_code == 200 else 422)


def test_a_draft_or_a_page_to_come_is_led_to_by_nobody(staff_client):
    PostFactory(slug="brouillon", published_at=None)
    PageFactory(slug="bientot", published_at=timezone.now() + timezone.timedelta(days=1))
    for target in ("/billets/brouillon/", "/bientot/"):
        assert add(staff_client, "/vieux/", target).status_code == 422


def test_neither_loops_nor_chains(staff_client):
    assert add(staff_client, "/un/", "/billets/").status_code == 302
    assert add(staff_client, "/deux/", "/un/").status_code == 422
    assert add(staff_client, "/deux/", "/deux/").status_code == 422
    assert add(staff_client, "/un", "/repertoire/").status_code == 422
    assert OldAddress.objects.count() == 1


@pytest.mark.parametrize("target", ["//ailleurs.example", "/\\x", "https://x.example/", "billets/"])
def test_the_database_takes_no_target_elsewhere(db, target):
    with pytest.raises(IntegrityError), transaction.atomic():
        OldAddress.objects.create(path="/x/", target=target)


def test_a_live_page_wins(staff_client, client):
    add(staff_client, "/equipe-2/", "/billets/")
    PageFactory(slug="equipe-2", published_at=timezone.now())
    assert client.get("/equipe-2/").status_code == 200


# --- Missed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_wordpress"),
    [
        ("/2014/05/notre-assemblee/", True), ("/category/x/", True), ("/wp-content/uploads/2014/05/a.pdf", True), ("/?p=12", True),
        ("/author/x/", True), ("/tag/x/", True), ("/archives/12", True),
        ("/wp-login.php", False), ("/wp-admin/", False), ("/xmlrpc.php", False), ("/.env", False), ("/quelque-chose/", False),
        ("/wp-json/wp/v2/users/", False), ("/?utm_source=x", False), ("/a/b/c/", False), ("/wp-content/plugins/x/readme.txt", False),
    ],
)  # fmt: skip
def test_addresses_of_wordpress_alone_are_counted(former_site, client, path, is_wordpress):
    client.get(path)
    missed.write()
    assert MissedAddress.objects.exists() == is_wordpress


def test_nothing_is_counted_without_a_former_site(db, client):
    client.get("/2014/05/x/")
    missed.write()
    assert not MissedAddress.objects.exists()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/2014/05/x/?token=abcdef&email=a@b.example", "/2014/05/x/"),
        ("/2014/05/anne@exemple.example/", "/2014/05/…/"),
        ("/2014/05/0123456789abcdef0123456789abcdef/", "/2014/05/…/"),
        ("/2014/05/aB3dE5fG7hI9jK1lM3nO5/", "/2014/05/…/"),
        ("/2014/05/k3j4h5g6f7d8s9a0q1w2/", "/2014/05/…/"),
        ("/2014/05/123e4567-e89b-12d3-a456-42661417400f/", "/2014/05/…/"),
        ("/2014/05/desinscription-k3j4h5g6f7d8s9a0q1w2/", "/2014/05/desinscription-…/"),
        (
            "/2014/05/un-titre-tout-a-fait-ordinaire-de-2014/",
            "/2014/05/un-titre-tout-a-fait-ordinaire-de-2014/",
        ),
        ("/?p=12&key=secret", "/?p=12"),
    ],
)
def test_secrets_are_masked(former_site, client, asked, kept):
    client.get(asked)
    missed.write()
    assert [row.path for row in MissedAddress.objects.all()] == [kept]


def test_counts_wait_in_memory(former_site, client):
    for _time in range(5):
        client.get("/2014/05/x/")
    assert MissedAddress.objects.get().times == 1
    missed.write()
    assert MissedAddress.objects.get().times == 5


def test_rows_and_memory_are_bounded(former_site, client, monkeypatch):
    monkeypatch.setattr(missed, "MOST_ROWS", 5)
    monkeypatch.setattr(missed, "MOST_WAITING", 10)
    client.get("/2014/05/souvent/")
    client.get("/2014/05/souvent/")
    for number in range(30):
        client.get(f"/2014/05/texte-{number}/")
    missed.write()
    assert MissedAddress.objects.count() == 5
    assert MissedAddress.objects.first().path == "/2014/05/souvent/"


def test_they_are_shown_escaped_and_led_somewhere(former_site, staff_client, client):
    path = "/2014/05/<script>alert(1)/"
    client.get("/2014/05/%3Cscript%3Ealert(1)/")
    page = staff_client.get(reverse("staff:redirect_list")).content.decode()
    assert "<script>alert(1)" not in page
    assert escape(path) in page
    client.get("/2014/05/notre-assemblee/")
    missed.write()
    form = staff_client.get(
        reverse("staff:redirect_new") + "?ancienne=/2014/05/notre-assemblee/"
    ).content.decode()
    assert 'value="/2014/05/notre-assemblee/"' in form
    assert add(staff_client, "/2014/05/notre-assemblee/", "/billets/").status_code == 302
    assert not MissedAddress.objects.filter(path="/2014/05/notre-assemblee/").exists()
    row = MissedAddress.objects.get()
    assert staff_client.post(reverse("staff:missed_forget", args=[row.pk])).status_code == 302
    assert not MissedAddress.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/" * 50,
        "/" + "a/" * 5000,
        "/2014/05/" + "x" * 5000,
        "/?p=" + "9" * 500,
        "/?m=2014x",
        "/?paged=²",
        "/?tag=%00",
    ],
)
def test_any_address_is_answered(former_site, client, path):
    assert client.get(path).status_code in {200, 301, 404}
    shape_of(path, {})


# --- As people type and ask them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("/?page_id=7", "/?page_id=7"), ("/?p=7&lang=fr", "/?lang=fr&p=7"), ("/blogue?p=7", "/blogue/?p=7"), ("/?tag=eau", "/tag/Eau/"),
        ("/cafe\u0301/", "/caf%C3%A9/"), ("/caf%C3%A9/", "/cafe%CC%81/"), ("/2014/05/texte/", "/2014/05/TEXTE"),
        ("/2014/05/texte/", "/2014/05//texte/"),
    ],
)  # fmt: skip
def test_an_address_leads_however_it_is_typed_and_asked(staff_client, client, former_site, typed, asked):
    assert add(staff_client, typed, "/repertoire").status_code == 302
    answer = client.get(asked)
    if answer.headers.get("Location", "").endswith(("/?p=7", "TEXTE/")):
        answer = client.get(answer.headers["Location"])
    assert (answer.status_code, answer.headers["Location"]) == (301, "/repertoire/")


@pytest.mark.parametrize("typed", ["/?s=eau", "/?feed=rss2", "/?m=2014", "/?paged=2"])
def test_what_names_no_text_is_no_old_address(staff_client, typed):
    assert add(staff_client, typed, "/billets/").status_code == 422


@pytest.mark.parametrize("target", ["/en", "/billets", "/robots.txt", "/recherche?q=eau"])
def test_what_is_led_to_answers_at_once_in_both_languages(staff_client, client, target):
    assert add(staff_client, "/vieux/", target).status_code == 302
    for asked in ("/vieux/", "/en/vieux/"):
        assert client.get(client.get(asked).headers["Location"]).status_code == 200
