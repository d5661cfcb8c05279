"""The list of posts on the desk: what narrows it, what is done with several, and the trash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from blog.models import Post, Tag
from comments.models import Comment, Thread
from desk import publishing, trash
from desk.models import Draft, Version
from tests.factories import AuthorFactory, CommentFactory, PageFactory, PostFactory, ResultsFactory

pytestmark = pytest.mark.django_db
FAULTY = '<p>Lire <a href="/a/">cliquez ici</a>.</p>'


def titles(client, query=""):
    page = client.get(reverse("staff:post_list") + query)
    return [post.draft.content["title"] for post, *_ in page.context["rows"]]


def together(client, action, *posts, **more):
    data = {"action": action, "textes": [post.pk for post in posts], **more}
    return client.post(reverse("staff:posts_together"), data, follow=True).content.decode()


def states():
    return {
        post.title: (
            "public" if post.published_at else "",
            bool(post.draft.archived_at),
            bool(post.draft.trashed_at),
        )
        for post in Post.objects.select_related("draft")
    }


def test_list_is_narrowed_by_what_is_on_the_desk(staff_client):
    rose, lou = AuthorFactory(name="Rose"), AuthorFactory(name="Lou")
    news = PostFactory(title="Une nouvelle", kind="nouvelle", language="en")
    signed = PostFactory(title="De Rose")
    signed.bylines.create(author=rose)
    moved = PostFactory(title="Bientôt de Lou", kind="billet")
    # On the desk already, and not yet where visitors read.
    moved.bylines.create(author=rose)
    moved.draft.content |= {"authors": [lou.pk], "kind": "communique"}
    moved.draft.save()
    assert titles(staff_client, "?genre=nouvelle") == [news.title]
    assert titles(staff_client, "?genre=communique") == [moved.title]
    assert titles(staff_client, "?langue=en") == [news.title]
    assert titles(staff_client, f"?signature={rose.pk}") == [signed.title]
    assert titles(staff_client, f"?signature={lou.pk}") == [moved.title]
    assert titles(staff_client, f"?signature={lou.pk}&genre=nouvelle") == []
    assert titles(staff_client, f"?q=lou&signature={lou.pk}&etat=publies") == [moved.title]
    everything = {news.title, signed.title, moved.title}
    for absurd in (
        "?genre=x",
        "?signature=0",
        "?signature=abc",
        "?langue=de",
        "?etat=x",
        "?signature=" + "9" * 40,
    ):
        assert set(titles(staff_client, absurd)) == everything, absurd


def test_several_are_published_hidden_archived_and_tagged_at_once(staff_client):
    fine = PostFactory(title="Un", published_at=None)
    other = PostFactory(title="Deux", published_at=None)
    faulty = PostFactory(title="Trois", body=FAULTY, published_at=None)
    Draft.objects.update(published_version=None)
    page = together(staff_client, "publish", fine, other, faulty)
    assert "2 billets sont publiés." in page
    assert "il y a d’abord quelque chose à vérifier\u00a0: Trois" in page
    assert {title for title, state in states().items() if state[0]} == {"Un", "Deux"}
    assert "1 billet n’est plus public." in together(staff_client, "unpublish", other)
    assert "1 billet est archivé." in together(staff_client, "archive", other)
    assert states() == {
        "Un": ("public", False, False),
        "Deux": ("", True, False),
        "Trois": ("", False, False),
    }


def test_tag_is_added_without_publishing_what_waits_on_the_desk(staff_client, client):
    same, ahead = PostFactory(title="Tel quel"), PostFactory(title="En travail")
    same.tags.add(Tag.objects.create(slug="eau", name="Eau"))
    ahead.draft.content |= {"body": "<p>Pas encore.</p>"}
    ahead.draft.version = 2
    ahead.draft.save()
    assert "2 billets ont cette étiquette." in together(staff_client, "tag", same, ahead, tag="Habitation")
    for post in (same, ahead):
        assert "Habitation" in client.get(post.get_absolute_url()).content.decode()
        post.draft.refresh_from_db()
    assert not same.draft.has_unpublished_changes
    assert ahead.draft.has_unpublished_changes
    assert "Pas encore" not in client.get(ahead.get_absolute_url()).content.decode()
    # Published again, each keeps what it had.
    publishing.publish(owner=same, at=None, now=timezone.now())
    assert sorted(same.tags.values_list("name", flat=True)) == ["Eau", "Habitation"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "publish"}, "Cochez les textes concernés."),
        ({"textes": ["1"]}, "Choisissez quoi en faire."),
        ({"action": "tag", "textes": ["1"], "tag": " "}, "Écrivez l’étiquette à ajouter."),
        ({"action": "effacer", "textes": ["x", "9" * 40]}, "message--error"),
    ],
)
def test_what_is_missing_is_said_beside_the_list(staff_client, data, said):
    page = staff_client.post(reverse("staff:posts_together"), data, follow=True).content.decode()
    assert said in page.split('id="resultats"')[1]


def test_thrown_away_comes_back_whole(staff_client, client):
    post = PostFactory(title="Jetée puis reprise")
    comment = CommentFactory(thread=post.thread)
    Version.objects.create(draft=post.draft, number=1, content=post.draft.content)
    together(staff_client, "trash", post)
    assert client.get(post.get_absolute_url()).status_code == 404
    for query in ("", "?etat=brouillons", "?etat=archives", "?etat=publies"):
        assert titles(staff_client, query) == []
    assert titles(staff_client, "?etat=corbeille") == [post.title]
    edit = staff_client.get(post.get_edit_url()).content.decode()
    assert "Sera supprimé pour de bon le" in edit
    together(staff_client, "take_back", post)
    assert states() == {post.title: ("", False, False)}
    assert (Comment.objects.get(), post.draft.versions.count()) == (comment, 1)
    publishing.publish(owner=post, at=None, now=timezone.now())
    assert client.get(post.get_absolute_url()).status_code == 200


def test_unarchiving_takes_nothing_out_of_the_trash_and_publishing_does(db):
    post = PostFactory()
    now = timezone.now()
    trash.throw_away(owner=post, now=now, by=None)
    publishing.unarchive(owner=post)
    post.draft.refresh_from_db()
    assert post.draft.trashed_at == now
    publishing.publish(owner=post, at=None, now=now)
    post.draft.refresh_from_db()
    assert (post.draft.trashed_at, post.draft.archived_at) == (None, None)


@pytest.mark.parametrize(("seconds", "is_there"), [(-1, True), (0, False), (1, False)])
def test_trash_is_emptied_after_thirty_days(seconds, is_there, db):
    kept, post, page, results = PostFactory(), PostFactory(), PageFactory(), ResultsFactory()
    CommentFactory(thread=post.thread)
    translated = PostFactory(language="en", translation_of=post)
    now = timezone.now()
    for owner in (post, page):
        trash.throw_away(owner=owner, now=now, by=None)
    trash.empty(now=now + trash.KEPT_FOR + timedelta(seconds=seconds))
    assert Post.objects.filter(pk=post.pk).exists() == is_there
    assert Draft.objects.filter(pk__in=[post.draft_id, page.draft_id]).exists() == is_there
    assert Thread.objects.filter(pk=post.thread_id).exists() == is_there
    translated.refresh_from_db()
    assert translated.translation_of_id == (post.pk if is_there else None)
    assert Draft.objects.filter(pk__in=[kept.draft_id, results.draft_id]).count() == 2


def test_task_empties_the_trash(db):
    from desk.tasks import empty_trash

    post = PostFactory()
    trash.throw_away(owner=post, now=timezone.now() - timedelta(days=31), by=None)
    empty_trash(0)
    assert not Post.objects.exists()


def test_list_costs_the_same_for_any_number(staff_client, django_assert_max_num_queries):
    PostFactory.create_batch(8)
    staff_client.get(reverse("staff:post_list"))
    with django_assert_max_num_queries(12):
        staff_client.get(reverse("staff:post_list"))
