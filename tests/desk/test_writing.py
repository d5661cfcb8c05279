"""Autosaves, history, comparison, restoring, sharing, archiving: the desk's engine."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from blog.models import Page, Post
from desk import publishing, shared_preview
from desk.comparing import compare
from desk.models import Draft, Presence
from tests.factories import PageFactory, PostFactory, ResultsFactory
from tests.refusals import refused_by

KEY, OTHER_KEY = "a" * 32, "b" * 32


def typed(**changes):
    """What the page of the editor sends when it saves by itself."""
    return {
        "title": "Un titre", "heading": "", "body": "<p>Bonjour.</p>", "summary": "", "kind": "billet", "language": "fr",
        "slug": "", "new_tags": "", "is_open": "on", "seen_version": "1", "publish_at": "", "writing_key": KEY,
    } | changes  # fmt: skip


def autosave(client, post, **changes):
    return client.post(reverse("staff:post_autosave", args=[post.pk]), typed(**changes))


@pytest.fixture
def post(db):
    return PostFactory(title="Publié", body="<p>Ce que tout le monde lit.</p>")


def test_autosave_keeps_words_and_touches_nothing_public(staff_client, client, post):
    before = client.get(post.get_absolute_url())
    answer = autosave(
        staff_client, post, title="Autre titre", body="<p>En travail.</p>", kind="nouvelle", slug="x"
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    post.draft.refresh_from_db()
    assert (post.draft.content["title"], post.draft.content["body"]) == ("Autre titre", "<p>En travail.</p>")
    assert (
        Post.objects.filter(pk=post.pk).values().get()
        == PostFactory._meta.model.objects.filter(title="Publié", kind="billet", slug=post.slug)
        .values()
        .get()
    )
    after = client.get(post.get_absolute_url(), headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 304


def test_autosaves_of_one_sitting_are_one_version_until_a_real_save(staff_client, staff, post):
    for version in range(1, 6):
        autosave(staff_client, post, body=f"<p>Mot {version}.</p>", seen_version=version)
    assert list(post.draft.versions.values_list("number", "is_autosave", "saved_by")) == [(6, True, staff.pk)]
    staff_client.post(
        reverse("staff:post_edit", args=[post.pk]), typed(seen_version=6, slug=post.slug, body="<p>Fini.</p>")
    )
    assert list(post.draft.versions.values_list("number", "is_autosave")) == [(7, False)]
    autosave(staff_client, post, seen_version=7, body="<p>Encore.</p>")
    assert list(post.draft.versions.values_list("number", "is_autosave")) == [(8, True), (7, False)]


def test_autosaves_of_another_page_of_the_editor_keep_those_of_the_first(staff_client, post):
    """What a tab took back from the device never effaces what another one saved by itself."""
    autosave(staff_client, post, body="<p>Du premier onglet.</p>")
    autosave(staff_client, post, body="<p>Du deuxième.</p>", seen_version="2", writing_key=OTHER_KEY)
    bodies = list(post.draft.versions.values_list("content__body", flat=True))
    assert bodies[:2] == ["<p>Du deuxième.</p>", "<p>Du premier onglet.</p>"]


def test_open_editor_is_told_who_is_signed_in_and_the_token_that_works(staff_client, staff):
    client = staff_client
    client.handler.enforce_csrf_checks = True
    answer = client.get(reverse("staff:writing_token"))
    assert (answer.json()["person"], "no-store" in answer.headers["Cache-Control"]) == (staff.pk, True)
    send = {"csrfmiddlewaretoken": answer.json()["token"], **typed()}
    assert client.post(reverse("staff:post_autosave_new"), send).status_code == 200
    assert client.post(reverse("staff:post_autosave_new"), typed()).status_code == 403


def test_saving_what_was_autosaved_makes_it_a_real_version(staff, post):
    publishing.save_draft(owner=post, content={"title": "a"}, seen_version=1, by=staff, is_autosave=True)
    publishing.save_draft(owner=post, content={"title": "a"}, seen_version=2, by=staff)
    assert list(post.draft.versions.values_list("number", "is_autosave")) == [(2, False)]


def test_text_erased_by_mistake_stays_in_the_history(staff_client, post):
    autosave(staff_client, post, body="<p>" + "Une longue phrase. " * 40 + "</p>")
    autosave(staff_client, post, body="", seen_version=2)
    versions = post.draft.versions.order_by("number")
    assert ["longue" in version.content["body"] for version in versions] == [True, False]


def test_autosave_of_another_writer_is_a_version_of_its_own(staff_client, superuser_client, post):
    autosave(staff_client, post, body="<p>Un.</p>")
    autosave(superuser_client, post, body="<p>Deux.</p>", seen_version=2, writing_key=OTHER_KEY)
    assert list(post.draft.versions.values_list("number", "saved_by__name")) == [
        (3, "Ariane Proulx"),
        (2, "Dominique Caron"),
    ]


def test_autosave_over_someone_else_is_refused_and_says_who(staff_client, superuser_client, post):
    autosave(superuser_client, post, body="<p>D’Ariane.</p>", writing_key=OTHER_KEY)
    answer = autosave(staff_client, post, body="<p>De Dominique.</p>")
    assert answer.status_code == 409
    assert (answer.json()["version"], answer.json()["saved_by"]) == (2, "Ariane Proulx")
    post.draft.refresh_from_db()
    assert post.draft.content["body"] == "<p>D’Ariane.</p>"


def test_page_whose_answer_got_lost_saves_over_itself(staff_client, post):
    autosave(staff_client, post, body="<p>Un.</p>")
    assert autosave(staff_client, post, body="<p>Deux.</p>", seen_version=1).status_code == 200
    assert (
        autosave(staff_client, post, body="<p>Trois.</p>", seen_version=1, writing_key="").status_code == 409
    )


def test_first_autosave_begins_a_text_once(staff_client):
    address = reverse("staff:post_autosave_new")
    first = staff_client.post(address, typed(title="Un")).json()
    again = staff_client.post(address, typed(title="Un billet")).json()
    assert first["owner"] == again["owner"]
    post = Post.objects.get()
    assert (post.published_at, post.draft.content["title"]) == (None, "Un billet")
    page = staff_client.get(first["edit_url"]).content.decode()
    assert 'name="slug" maxlength="90"' in page.replace('value="un"', "CAUGHT")
    assert "CAUGHT" not in page
    staff_client.post(first["edit_url"], typed(title="Un billet entier", seen_version=again["version"]))
    post.refresh_from_db()
    assert post.slug == "un-billet-entier"


def test_autosave_keeps_what_is_valid_and_says_the_rest(staff_client, post):
    answer = autosave(staff_client, post, title="t" * 161, body="<p>Gardé.</p>", publish_at="hier")
    post.draft.refresh_from_db()
    assert (post.draft.content["title"], post.draft.content["body"]) == ("Publié", "<p>Gardé.</p>")
    assert len(answer.json()["left_out"]) == 1


def test_page_and_results_are_autosaved_too(staff_client):
    page, results = PageFactory(title="Contact"), ResultsFactory()
    answer = staff_client.post(
        reverse("staff:page_autosave", args=[page.pk]),
        {
            "title": "Nous joindre",
            "body": "",
            "body_en": "",
            "slug": "",
            "seen_version": 1,
            "writing_key": KEY,
        },
    )
    assert answer.json()["version"] == 2
    assert Page.objects.get().title == "Contact"
    answer = staff_client.post(
        reverse("staff:results_autosave", args=[results.forum.slug]),
        {"version": 1, "heading": "Ensemble", "priorites-TOTAL_FORMS": 0, "priorites-INITIAL_FORMS": 0},
    )
    assert answer.json()["version"] == 2
    results.refresh_from_db()
    assert (results.heading, results.draft.content["heading"]) == ("", "Ensemble")


@pytest.mark.django_db(transaction=True)
def test_parallel_autosaves_lose_no_text(staff, superuser):
    """Of sixteen saves that saw the same version, one is kept and the others are told."""
    post = PostFactory()
    outcomes, barrier = [], threading.Barrier(16)

    def save(number):
        try:
            barrier.wait()
            by = staff if number % 2 else superuser
            publishing.save_draft(
                owner=Post.objects.get(),
                content={"title": str(number)},
                seen_version=1,
                by=by,
                is_autosave=True,
            )
            outcomes.append(number)
        except publishing.EditConflict:
            outcomes.append(None)
        finally:
            connection.close()

    run(save, 16)
    kept = [number for number in outcomes if number is not None]
    draft = Draft.objects.get(pk=post.draft_id)
    assert (len(outcomes), len(kept)) == (16, 1)
    assert (draft.version, draft.content["title"]) == (2, str(kept[0]))


@pytest.mark.django_db(transaction=True)
def test_publishing_while_autosaving_publishes_one_whole_version(staff):
    """What is public is always one saved version, the one that the draft says."""
    post = PostFactory()
    barrier = threading.Barrier(2)

    def save(_):
        try:
            barrier.wait()
            owner = Post.objects.get()
            for number in range(30):
                content = {
                    "title": f"t{number}",
                    "heading": f"t{number}",
                    "summary": "s",
                    "body": f"t{number}",
                }
                publishing.save_draft(
                    owner=owner, content=content, seen_version=0, by=staff, writing_key=KEY, is_autosave=True
                ) if number else publishing.save_draft(
                    owner=owner, content=content, seen_version=1, by=staff, writing_key=KEY, is_autosave=True
                )
        finally:
            connection.close()

    def publish(_):
        try:
            barrier.wait()
            for _ in range(30):
                row = publishing.publish(owner=Post.objects.get(), at=None, now=timezone.now())
                stored = Post.objects.select_related("draft").get(pk=row.pk)
                seen.append((stored.heading in {stored.title, ""}, stored.draft.published_version))
        finally:
            connection.close()

    seen = []
    first, second = threading.Thread(target=save, args=[0]), threading.Thread(target=publish, args=[0])
    first.start(), second.start(), first.join(), second.join()
    assert len(seen) == 30
    assert all(is_whole for is_whole, _version in seen)
    draft = Draft.objects.get(pk=post.draft_id)
    assert draft.versions.filter(number=draft.published_version).exists() or draft.published_version == 1


def run(target, count):
    threads = [threading.Thread(target=target, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_writers_are_told_about_each_other_for_as_long_as_they_write(
    staff_client, superuser_client, post
):
    address = reverse("staff:draft_presence", args=[post.draft_id])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert staff_client.post(address).json()["others"] == []
        assert superuser_client.post(address).json()["others"] == ["Dominique Caron"]
        assert staff_client.post(address).json()["others"] == ["Ariane Proulx"]
        clock.shift(timedelta(seconds=49))
        assert staff_client.post(address).json()["others"] == ["Ariane Proulx"]
        clock.shift(timedelta(seconds=1))
        assert staff_client.post(address).json()["others"] == []
        superuser_client.post(address)
        superuser_client.post(address, {"leaves": "1"})
        assert staff_client.post(address).json()["others"] == []
    assert Presence.objects.count() == 1


def test_comparison_shows_the_words_that_changed(post):
    before = {
        "title": "Un forum",
        "heading": "",
        "summary": "",
        "body": "<p>Le grand jardin ouvre.</p><p>Fin.</p>",
    }
    after = before | {
        "body": "<h2>Ouvert</h2><p>Le petit jardin ouvre <strong>enfin</strong>.</p><p>Fin.</p>"
    }
    parts = {str(part.label): part for part in compare(post, before, after)}
    assert [label for label, part in parts.items() if part.is_changed] == ["texte"]
    lines = parts["texte"].lines
    assert (
        "".join(p.text for line in lines for p in line if p.kind != "removed")
        == "## OuvertLe petit jardin ouvre enfin.Fin."
    )
    assert (
        "".join(p.text for line in lines for p in line if p.kind != "added") == "Le grand jardin ouvre.Fin."
    )
    assert [[(piece.kind, piece.text) for piece in line] for line in lines] == [
        [("added", "## Ouvert")],
        [
            ("same", "Le "), ("removed", "grand"), ("added", "petit"), ("same", " jardin ouvre"), ("added", " enfin"),
            ("same", "."),
        ],
        [("same", "Fin.")],
    ]  # fmt: skip


def test_comparison_of_very_long_texts_stays_quick(post):
    import time

    old = {"title": "", "heading": "", "summary": "", "body": f"<p>{'mot différent ' * 12_000}</p>"}
    new = old | {"body": f"<p>{'tout autre chose ' * 12_000}</p>"}
    begun = time.thread_time()
    compare(post, old, new)
    assert time.thread_time() - begun < 3


def test_history_is_read_compared_and_restored(staff_client, client, staff, post):
    first = post.draft.content
    post.draft.versions.create(number=1, content=first, saved_by=staff)
    publishing.save_draft(owner=post, content=first | {"title": "<b>Mieux</b>"}, seen_version=1, by=staff)
    history = staff_client.get(reverse("staff:draft_history", args=[post.draft_id])).content.decode()
    assert history.count('name="avant"') == 2
    compared = staff_client.get(
        reverse("staff:draft_compared", args=[post.draft_id]), {"avant": 1, "apres": 2}
    )
    page = compared.content.decode()
    assert ("&lt;b&gt;Mieux&lt;/b&gt;" in page, "<b>Mieux" in page) == (True, False)
    answer = staff_client.post(
        reverse("staff:draft_restore", args=[post.draft_id, 1]), {"seen_version": "2"}, follow=True
    )
    assert "n’a pas changé" in answer.content.decode()
    draft = Draft.objects.get(pk=post.draft_id)
    assert (draft.version, draft.content) == (3, first)
    assert Post.objects.get().title == "Publié"


def test_restoring_over_a_newer_save_is_refused(staff_client, staff, post):
    post.draft.versions.create(number=1, content=post.draft.content)
    publishing.save_draft(owner=post, content={"title": "Neuf"}, seen_version=1, by=staff)
    staff_client.post(reverse("staff:draft_restore", args=[post.draft_id, 1]), {"seen_version": "1"})
    assert Draft.objects.get(pk=post.draft_id).content == {"title": "Neuf"}
    for number in (9, 0):
        address = reverse("staff:draft_restore", args=[post.draft_id, number])
        assert staff_client.post(address, {"seen_version": "2"}).status_code == 404


def shared_link(staff_client, post):
    page = staff_client.post(reverse("staff:draft_share", args=[post.draft_id])).content.decode()
    return page.split("/apercu/")[1].split("/")[0]


def test_shared_link_shows_unsaved_work_to_a_stranger_and_nothing_else(staff_client, client, post):
    token = shared_link(staff_client, post)
    autosave(staff_client, post, body="<p>Pas encore public.</p>")
    answer = client.get(reverse("shared_preview", args=[token]))
    assert "Pas encore public." in answer.content.decode()
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.post(reverse("shared_preview", args=[token])).status_code == 405
    assert "Pas encore public." not in client.get(post.get_absolute_url()).content.decode()


def test_shared_link_expires_and_is_taken_back(staff_client, client, post):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        token = shared_link(staff_client, post)
    for seconds, status in ((-1, 200), (1, 404)):
        with time_machine.travel(now + shared_preview.LIFETIME + timedelta(seconds=seconds), tick=False):
            assert client.get(reverse("shared_preview", args=[token])).status_code == status
    staff_client.post(reverse("staff:draft_share", args=[post.draft_id]), {"stop": "1"})
    assert client.get(reverse("shared_preview", args=[token])).status_code == 404
    new = shared_link(staff_client, post)
    assert new != token
    assert client.get(reverse("shared_preview", args=[new])).status_code == 200
    assert client.get(reverse("shared_preview", args=[token])).status_code == 404


@pytest.mark.parametrize("token", ["x", "WzEsIngiXQ:1:abc", "%00", "a" * 3000])
def test_forged_links_show_nothing(client, post, token):
    assert client.get(f"/apercu/{token}/").status_code == 404


def test_shared_link_of_results_shows_the_working_copy(staff_client, client):
    results = ResultsFactory()
    results.draft.content = {"introduction": "<p>En rédaction.</p>", "priorities": []}
    results.draft.save()
    assert (
        "En rédaction."
        in client.get(reverse("shared_preview", args=[shared_link(staff_client, results)])).content.decode()
    )
    assert staff_client.get(reverse("staff:draft_history", args=[results.draft_id])).status_code == 200


def test_archived_text_leaves_visitors_and_lists_and_comes_back(staff_client, client, post):
    edit = reverse("staff:post_edit", args=[post.pk])
    staff_client.post(edit, typed(slug=post.slug, action="archive"))
    assert client.get(post.get_absolute_url()).status_code == 404
    lists = {
        state: staff_client.get(f"/gestion/billets/?etat={state}").content.decode()
        for state in ("", "brouillons", "publies", "archives")
    }
    listed = {state: page.count(f'href="{edit}"') for state, page in lists.items()}
    assert listed == {"": 0, "brouillons": 0, "publies": 0, "archives": 1}
    staff_client.post(edit, typed(slug=post.slug, seen_version=2, action="unarchive"))
    assert Draft.objects.get(pk=post.draft_id).archived_at is None
    staff_client.post(edit, typed(slug=post.slug, seen_version=2, action="archive"))
    staff_client.post(edit, typed(slug=post.slug, seen_version=2, action="publish"))
    assert client.get(post.get_absolute_url()).status_code == 200


def test_archived_text_cannot_be_public(post):
    with refused_by("draft_archived_is_not_public"):
        Draft.objects.filter(pk=post.draft_id).update(archived_at=timezone.now())


def test_check_holds_the_first_click_on_publish_only(staff_client, client):
    body = '<h3>Trop bas</h3><p><a href="/contact/">cliquez ici</a></p>'
    page = staff_client.post(
        reverse("staff:post_new"), typed(body=body, action="publish"), follow=True
    ).content.decode()
    post = Post.objects.get()
    assert post.published_at is None
    assert "cliquez ici" in page
    assert 'value="publish_anyway"' in page
    edit = reverse("staff:post_edit", args=[post.pk])
    staff_client.post(edit, typed(body=body, slug=post.slug, action="publish_anyway"))
    assert client.get(post.get_absolute_url()).status_code == 200


def test_saved_settings_of_a_public_post_wait_for_publication(staff_client, client, post):
    edit = reverse("staff:post_edit", args=[post.pk])
    changes = typed(slug=post.slug, title="Publié", body=post.body, kind="communique", new_tags="Climat")
    staff_client.post(edit, changes)
    assert "Climat" not in client.get(post.get_absolute_url()).content.decode()
    assert "Climat" in staff_client.get(edit).content.decode()
    staff_client.post(edit, changes | {"seen_version": 2, "new_tags": "", "action": "publish", "tags": list(Draft.objects.get(pk=post.draft_id).content["tags"])})  # fmt: skip
    assert "Climat" in client.get(post.get_absolute_url()).content.decode()
    assert Post.objects.get().kind == "communique"


def test_history_of_a_deleted_tag_and_picture_can_be_published(staff_client, post, staff):
    content = post.draft.content | {"tags": [999], "authors": [999], "lead_picture": 999, "kind": "billet"}
    publishing.save_draft(owner=post, content=json.loads(json.dumps(content)), seen_version=1, by=staff)
    published = publishing.publish(owner=post, at=None, now=timezone.now())
    assert (published.lead_picture, published.tags.count(), published.authors.count()) == (None, 0, 0)
