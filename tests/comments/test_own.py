"""« Mes commentaires »: what someone wrote, its state in words, and the way to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments import reading
from tests.conftest import signed_in
from tests.factories import (
    CommentFactory,
    ForumFactory,
    PostFactory,
    RecommendationFactory,
    ResultsFactory,
    UserFactory,
)
from tests.sent import form_of

pytestmark = pytest.mark.django_db
URL = "/compte/commentaires/"


@pytest.fixture
def author():
    return UserFactory(name="Anne Roy")


@pytest.fixture
def post():
    return PostFactory(slug="un-billet", title="Un billet")


def entries(author, address=URL):
    """The entries of the list, each without its markup but for its links."""
    page = signed_in(author).get(address).content.decode()
    return [
        (re.findall(r'href="([^"]*)"', each), " ".join(re.sub(r"<[^>]+>", " ", each).split()))
        for each in re.findall(r'<li class="entry" id="c\d+">(.*?)</li>', page, flags=re.DOTALL)
    ]


def test_each_state_is_said_with_what_may_be_done(author, post):
    old = timezone.now() - timedelta(hours=2)
    published = CommentFactory(thread=post.thread, author=author, text="Publié hier", created_at=old)
    waiting = CommentFactory(
        thread=post.thread, author=author, text="Tout neuf", state="pending", shown_at=None
    )
    CommentFactory(
        thread=post.thread,
        author=author,
        text="Déplacé",
        state="hidden",
        hidden_reason="Règle 2",
        created_at=old,
    )
    CommentFactory(thread=post.thread, author=author, state="deleted", text="—")
    CommentFactory(thread=post.thread, text="De quelqu’un d’autre")
    found = entries(author)
    assert [links for links, _words in found] == [
        [f"/billets/un-billet/#commentaire-{waiting.pk}", f"/commentaires/{waiting.pk}/modifier/",
         f"/commentaires/{waiting.pk}/supprimer/?next=%2Fcompte%2Fcommentaires%2F"],
        ["/billets/un-billet/#commentaires"],
        [f"/billets/un-billet/#commentaire-{published.pk}", f"/commentaires/{published.pk}/supprimer/?next=%2Fcompte%2Fcommentaires%2F"],
    ]  # fmt: skip
    said = [words for _links, words in found]
    assert ("En attente" in said[0], "Tout neuf" in said[0], "avant qu" in said[0]) == (True, True, True)
    assert ("Masqué par l’équipe" in said[1], "Motif : Règle 2" in said[1]) == (True, True)
    assert ("· Publié" in said[2], "Publié hier" in said[2]) == (True, True)


def test_the_link_leads_to_the_page_of_the_thread_that_shows_it(author, post, client, monkeypatch):
    monkeypatch.setattr(reading, "CONVERSATIONS_A_PAGE", 2)
    first = [CommentFactory(thread=post.thread) for _ in range(2)]
    # Shown to nobody: it takes no place on the page.
    CommentFactory(thread=post.thread, state="hidden", hidden_reason="Doublon")
    CommentFactory(thread=post.thread, state="pending", shown_at=None)
    opening = CommentFactory(thread=post.thread, author=author)
    answer = CommentFactory(thread=post.thread, author=author, parent=first[1])
    CommentFactory(author=author, thread=PostFactory(slug="autre").thread)
    addresses = [links[0] for links, _words in entries(author)]
    assert addresses[1:] == [
        f"/billets/un-billet/#commentaire-{answer.pk}",
        f"/billets/un-billet/?commentaires=2#commentaire-{opening.pk}",
    ]
    for address in addresses[1:]:
        page, _hash, anchor = address.partition("#")
        assert f'id="{anchor}"' in client.get(page).content.decode()


def test_comments_on_every_kind_of_page_are_named_in_the_language_of_the_page(author, post):
    forum = ForumFactory(title="Forum du fleuve", title_en="River forum", has_participation=True)
    row = RecommendationFactory(forum=forum, title="Un marché", title_en="A market", state="accepted")
    results = ResultsFactory(forum=ForumFactory(title="Forum d’hier", title_en="Yesterday’s forum"))
    for thread in (post.thread, row.thread, results.thread):
        CommentFactory(thread=thread, author=author)
    said = [words for _links, words in entries(author, f"/en{URL}")]
    shown = ("Yesterday’s forum", "A market", "Un billet")
    assert [words.startswith(title) for words, title in zip(said, shown, strict=True)] == [True] * 3
    page = signed_in(author).get(f"/en{URL}").content.decode()
    assert re.search(r'<a href="/en/billets/un-billet/[^"]*" lang="fr">Un billet</a>', page)


def test_what_is_no_longer_public_has_no_link(author):
    thread = PostFactory(title="Retiré", published_at=None).thread
    CommentFactory(thread=thread, author=author, text="Mes mots")
    [(links, words)] = entries(author)
    assert links == []
    assert "n’est plus publique" in words
    assert "Mes mots" in words
    assert "Retiré" not in words


def test_a_suspended_author_may_take_words_away_only(author, post):
    author.suspended_until = timezone.now() + timedelta(days=2)
    author.save()
    comment = CommentFactory(thread=post.thread, author=author)
    [(links, _words)] = entries(author)
    assert links[1:] == [f"/commentaires/{comment.pk}/supprimer/?next=%2Fcompte%2Fcommentaires%2F"]


def test_someone_who_wrote_nothing_is_told_where_to_begin(author):
    page = signed_in(author).get(URL).content.decode()
    assert "Vous n’avez encore écrit aucun commentaire." in page
    assert 'aria-current="page">Mes commentaires<' in page


def test_it_goes_by_pages(author, post, monkeypatch):
    monkeypatch.setattr("comments.views.own.COMMENTS_A_PAGE", 2)
    for number in range(3):
        CommentFactory(thread=post.thread, author=author, text=f"Le mot {number}.")
    assert [["Le mot 2." in words, "Le mot 1." in words] for _links, words in entries(author)] == [
        [True, False],
        [False, True],
    ]
    assert len(entries(author, f"{URL}?page=2")) == 1
    assert len(entries(author, f"{URL}?page=9")) == 1


@pytest.mark.parametrize("many", [1, 3])
def test_it_costs_the_same_for_any_number(author, django_assert_num_queries, many):
    for _ in range(many):
        CommentFactory(thread=PostFactory().thread, author=author)
        CommentFactory(thread=RecommendationFactory(state="accepted").thread, author=author)
    client = signed_in(author)
    client.get(URL)
    with django_assert_num_queries(9):
        client.get(URL)


def test_a_visitor_is_asked_to_sign_in(client):
    response = client.get(URL)
    assert (response.status_code, response.url) == (302, f"/compte/connexion/?next={URL}")


def test_deleting_from_the_list_leads_back_to_it(author, post):
    comment = CommentFactory(thread=post.thread, author=author)
    client = signed_in(author)
    (link,) = re.findall(r'href="([^"]*/supprimer/[^"]*)"', client.get(URL).content.decode())
    asked = client.get(link).content.decode()
    assert f'<a href="{URL}">' in asked
    assert client.post(link.partition("?")[0], form_of(asked, action="", own=True)).url == URL
    assert "Votre commentaire est supprimé." in client.get(URL).content.decode()
    comment.refresh_from_db()
    assert comment.state == "deleted"


def test_keeping_or_deleting_leads_to_the_page_of_its_conversation(author, post, monkeypatch):
    monkeypatch.setattr("comments.reading.CONVERSATIONS_A_PAGE", 1)
    CommentFactory(thread=post.thread)
    comment = CommentFactory(thread=post.thread, author=author)
    client, address = signed_in(author), f"/commentaires/{comment.pk}/supprimer/"
    page = f"{post.get_absolute_url()}?commentaires=2"
    assert f'<a href="{page}#{comment.anchor}">' in client.get(address).content.decode()
    assert client.post(address).url == f"{page}#commentaires"
