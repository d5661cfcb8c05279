"""« Relis-moi »: one person, without an account, says what they think of one draft."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import privacy
from desk import trash
from desk.models import Reading, Remark
from desk.readings import asking
from desk.readings.forms import RemarkForm
from desk.readings.passages import passages_of, with_notes
from pole.text.richtext import clean_html, plain_text
from tests.conftest import signed_in
from tests.desk.readings import Asked
from tests.factories import PageFactory, PostFactory, ResultsFactory, UserFactory
from tests.sent import form_of

BODY = "<h2>La fête</h2><p>Un <strong>mot</strong> de trop.</p><ul><li>Du pain<ul><li>De seigle</li></ul></li></ul>"


@pytest.fixture
def post(db):
    return PostFactory(title="Publié", body=BODY)


def page_of(asked, status=200):
    answer = Client().get(asked.address)
    assert answer.status_code == status
    return answer.content.decode()


def readings_page(post):
    return reverse("staff:readings", args=[post.draft_id])


# --- Passages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (BODY, ["La fête", "Un mot de trop.", "De seigle", "Du pain"]),
        ("<p>Ligne<br>suivante</p><hr><p>\u00a0</p>", ["Ligne suivante", "\u00a0".strip()]),
        (
            '<figure><img src="/a.webp" alt="Une serre"><figcaption>Ici</figcaption></figure>',
            ["Une serre Ici"],
        ),
        ('<figure><img src="/a.webp" alt=""></figure>', [""]),
        ("<blockquote><p>Dit</p><ul><li>elle</li></ul></blockquote>", ["Dit elle"]),
        ("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", ["a b"]),
        ("<p>a</p><p>a</p>", ["a", "a"]),
    ],
)
def test_each_block_and_each_item_is_a_passage(markup, words):
    assert [passage.words for passage in passages_of(markup, "body")] == words


def test_same_words_are_told_apart():
    assert [passage.occurrence for passage in passages_of("<p>a</p><p>b</p><p>a</p>", "body")] == [0, 0, 1]


TEXTS = st.text(max_size=30)
BLOCKS = st.recursive(
    st.tuples(st.sampled_from(["p", "h2", "pre", "blockquote"]), TEXTS),
    lambda inner: st.tuples(st.sampled_from(["ul", "ol"]), st.lists(inner, max_size=3)),
    max_leaves=4,
)


def written(block):
    name, inside = block
    if name in {"ul", "ol"}:
        return f"<{name}>{''.join(f'<li>{written(each)}</li>' for each in inside)}</{name}>"
    return f"<{name}>{inside}</{name}>"


@given(st.lists(BLOCKS, max_size=4))
def test_notes_change_no_word_of_the_text_and_know_its_passages_again(blocks):
    markup = clean_html("".join(map(written, blocks)), language="fr")
    assert plain_text(with_notes(markup, "body", lambda _passage: "")) == plain_text(markup)
    found = passages_of(markup, "body")
    assert len(set(found)) == len(found)
    for passage in found:
        form = RemarkForm(Asked.form(None, field="body", words=passage.words, occurrence=passage.occurrence))
        assert form.is_valid(), form.errors
        assert form.passage == passage


# --- The reader -------------------------------------------------------------------------------------


def test_reader_sees_the_draft_and_says_something_of_a_passage(post):
    asked = Asked(post)
    fields = form_of(page_of(asked), action=asked.address)
    assert not "".join(fields["text"]).strip()
    client = Client(enforce_csrf_checks=True)
    shown = client.get(asked.address)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', shown.content.decode())[1]
    sent = asked.form("« Mot » revient\ndeux fois <b>", field="body", words="Un mot de trop.")
    assert client.post(asked.address, sent).status_code == 403
    answer = client.post(asked.address, sent | {"csrfmiddlewaretoken": token})
    (remark,) = asked.reading.remarks.all()
    assert answer.headers["Location"].endswith(f"?ecrite={remark.pk}#remarque-{remark.pk}")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Votre remarque est gardée" in page
    # What names the part of the page that is theirs.
    assert '<h2 class="reading-head__title" id="relecture">' in page
    assert "revient<br>deux fois &lt;b&gt;" in page
    # Beside its passage: after it, and before the next one.
    assert page.index("de trop.") < page.index("revient<br>") < page.index("Du pain")
    assert answer.headers["Cache-Control"] == shown.headers["Cache-Control"] == "private, no-store"
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shown.headers["Referrer-Policy"] == "strict-origin"


def test_reading_it_changes_nothing(post):
    asked = Asked(post)
    before = (list(Reading.objects.values()), post.draft.version)
    page_of(asked)
    post.draft.refresh_from_db()
    assert (list(Reading.objects.values()), post.draft.version) == before


def test_reader_sees_their_remarks_and_answers_and_nobody_elses(post, staff):
    rose, luc = Asked(post), Asked(post, name="Luc Roy")
    remark = rose.remark("De Rose", "body", "La fête")
    luc.remark("De Luc", "body", "La fête")
    asking.answer(remark=remark, text="On garde", by=staff)
    page = page_of(rose)
    assert "De Rose" in page
    assert "On garde" in page
    assert "De Luc" not in page
    assert "Luc Roy" not in page
    assert "On garde" not in page_of(luc)


def test_words_that_changed_stay_with_the_remark(post, staff_client):
    asked = Asked(post)
    asked.remark("Trop vague", "body", "Un mot de trop.")
    post.draft.content |= {"body": "<p>Tout autre chose.</p>"}
    post.draft.save()
    for page in (page_of(asked), staff_client.get(readings_page(post)).content.decode()):
        assert "<q>Un mot de trop.</q>" in page
        assert page.index("Trop vague") < page.index("Tout autre chose.")


def test_remark_sent_of_words_that_changed_meanwhile_is_kept(post):
    asked = Asked(post)
    assert Client().post(asked.address, asked.form(field="body", words="Disparu")).status_code == 302
    answer = Client().post(asked.address, asked.form("", field="body", words="Disparu"))
    assert answer.status_code == 422
    assert answer.content.decode().count("<q>Disparu</q>") == 2


@pytest.mark.parametrize("make", [PostFactory, PageFactory, ResultsFactory])
@pytest.mark.parametrize("has_words", [True, False])
def test_every_kind_of_text_is_read(db, make, has_words):
    owner = make()
    name = owner.HTML_FIELDS[0]
    owner.draft.content |= {name: "<p>En rédaction.</p>" if has_words else ""}
    owner.draft.save()
    page = page_of(Asked(owner))
    assert "on vous demande de relire ce texte" in page
    assert ("En rédaction." in page) == has_words


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": " \n"}, "Écrivez votre remarque"),
        ({"text": "a" * 1001}, "1000"),
        ({"subject": "robot"}, str(RemarkForm.robot_message).split()[0]),
        ({"shown": "x"}, "Ce formulaire a expiré"),
    ],
)
def test_refused_remark_is_said_where_it_was_sent_from(post, changed, said):
    asked = Asked(post)
    answer = Client().post(asked.address, asked.form(field="body", words="Du pain") | changed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page.replace("\u00a0", "")
    assert '<h2 class="error-summary__title" tabindex="-1"' in page
    assert page.count('<details class="remarks__add" open>') == 1
    assert page.index("Du pain") < page.index('<details class="remarks__add" open>')
    assert not Remark.objects.exists()


def test_fifty_remarks_at_most_and_the_same_form_once(post):
    asked = Asked(post)
    sent = asked.form()
    for _time in range(2):
        assert Client().post(asked.address, sent).status_code == 302
    assert asked.reading.remarks.count() == 1
    for _number in range(asking.MAX_REMARKS - 1):
        asked.remark()
    answer = Client().post(asked.address, asked.form("La dernière"))
    assert answer.status_code == 422
    assert "La dernière" in answer.content.decode()
    assert asked.reading.remarks.count() == asking.MAX_REMARKS


# --- Links that open nothing --------------------------------------------------------------------------


def put_an_end_to(asked, name):
    if name == "ended":
        asking.end(reading=asked.reading, by=None, now=timezone.now())
    elif name == "put in the trash":
        owner = asked.reading.draft.owner
        trash.throw_away(owner=owner, now=timezone.now(), by=None)
    elif name == "deleted":
        asked.reading.delete()


@pytest.mark.parametrize("name", ["ended", "put in the trash", "deleted", "expired", "forged"])
def test_link_that_is_over_says_so_the_same_way(post, name):
    asked = Asked(post, now=timezone.now() - asking.LIFETIME if name == "expired" else None)
    put_an_end_to(asked, name)
    address = "/relecture/forgé/" if name == "forged" else asked.address
    for answer in (Client().get(address), Client().post(address, asked.form())):
        page = answer.content.decode()
        assert answer.status_code == 410
        assert "Ce lien n’est plus valide" in page
        assert "La fête" not in page
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert not Remark.objects.exists()


def test_link_lasts_two_weeks(post):
    now = timezone.now()
    asked = Asked(post, now=now)
    for seconds, status in ((-1, 200), (1, 410)):
        with time_machine.travel(now + asking.LIFETIME + timedelta(seconds=seconds), tick=False):
            page_of(asked, status)


@pytest.mark.parametrize("token", ["x", "%00", "a" * 3000, "%F0%9F%8C%BB", "é"])
def test_any_other_token_opens_nothing(db, token):
    assert Client().get(f"/relecture/{token}/").status_code in {404, 410}


def test_link_ended_while_a_remark_is_sent_takes_nothing(post, monkeypatch):
    asked = Asked(post)
    find = asking.find

    def ended_meanwhile(token, now, *, is_locked=False):
        if is_locked:
            asking.end(reading=asked.reading, by=None, now=now)
        return find(token, now, is_locked=is_locked)

    monkeypatch.setattr(asking, "find", ended_meanwhile)
    assert Client().post(asked.address, asked.form()).status_code == 410
    assert not Remark.objects.exists()


def test_token_is_stored_nowhere(post):
    asked = Asked(post, email="rose@exemple.example")
    assert asked.token not in repr(list(Reading.objects.values()))
    (sent,) = mail.outbox
    assert asked.link in sent.body


# --- The team -----------------------------------------------------------------------------------------


def test_team_gives_a_link_once_and_mails_it(staff_client, post):
    fields = form_of(staff_client.get(readings_page(post)).content.decode(), action=readings_page(post))
    sent = fields | {"name": "Rose Cyr", "email": "Rose@Exemple.example"}
    pages = [staff_client.post(readings_page(post), sent).content.decode() for _time in range(2)]
    links = {re.search(r"/relecture/(\w+)/", page)[1] for page in pages}
    assert len(links) == 1
    assert (Reading.objects.count(), len(mail.outbox)) == (1, 1)
    assert mail.outbox[0].to == ["rose@exemple.example"]
    assert links.pop() not in staff_client.get(readings_page(post)).content.decode()


def test_no_more_readers_than_the_limit_nor_of_a_text_put_away(staff_client, post):
    for _number in range(asking.MAX_READERS):
        Asked(post)
    answer = staff_client.post(readings_page(post), {"name": "Une de plus"})
    assert answer.status_code == 422
    trash.throw_away(owner=post, now=timezone.now(), by=None)
    Reading.objects.all().delete()
    assert staff_client.post(readings_page(post), {"name": "Rose"}).status_code == 422


def test_team_sees_all_answers_settles_and_deletes(staff_client, post):
    remark, other = (
        Asked(post, name=name).remark(f"De {name}", "body", "La fête") for name in ("Rose Cyr", "Luc Roy")
    )
    page = staff_client.get(readings_page(post)).content.decode()
    assert (
        page.index("La fête")
        < page.index("De Rose Cyr")
        < page.index("De Luc Roy")
        < page.index("Un <strong>")
    )
    address = reverse("staff:remark", args=[post.draft_id, remark.pk])
    staff_client.post(address, {"action": "answer", "answer": "Merci, on change."})
    staff_client.post(address, {"action": "done"})
    remark.refresh_from_db()
    assert (remark.answer, bool(remark.done_at)) == ("Merci, on change.", True)
    staff_client.post(address, {"action": "undone"})
    remark.refresh_from_db()
    assert remark.done_at is None
    refused = staff_client.post(address, {"action": "answer", "answer": "a" * 1001})
    assert refused.status_code == 422
    assert "a" * 1001 in refused.content.decode()
    staff_client.post(address, {"action": "delete"})
    assert list(Remark.objects.all()) == [other]


def test_remark_of_another_text_is_not_found(staff_client, post):
    remark = Asked(PostFactory()).remark()
    address = reverse("staff:remark", args=[post.draft_id, remark.pk])
    assert staff_client.post(address, {"action": "delete"}).status_code == 404
    reading = remark.reading_id
    assert staff_client.post(reverse("staff:reading_end", args=[post.draft_id, reading])).status_code == 404


# --- What is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "asked", "is_kept"),
    [(None, 90, True), (29, 60, True), (31, 60, False), (60, 31, False), (60, 29, True), (-1, 90, True)],
)
def test_everything_is_erased_a_month_after_publication(post, published, asked, is_kept):
    now = timezone.now()
    post.published_at = None if published is None else now - timedelta(days=published)
    post.save()
    Asked(post, now=now - timedelta(days=asked)).reading.remarks.create(
        text="x", idempotency_key=uuid.uuid4()
    )
    asking.forget(now)
    assert (Reading.objects.exists(), Remark.objects.exists()) == (is_kept, is_kept)


def test_everything_goes_with_the_draft(post):
    Asked(post).remark()
    post.delete_for_good()
    assert not Reading.objects.exists()
    assert not Remark.objects.exists()


@pytest.mark.parametrize("is_verified", [True, False])
def test_whoever_has_the_address_takes_it_away_and_erases_it(post, is_verified):
    person = UserFactory(email="rose@exemple.example", verified=is_verified)
    Asked(post, email="Rose@exemple.example").remark("Un mot")
    Asked(post, email="luc@exemple.example")
    held = privacy.data_of(person)["readings"]
    assert [row["remarks"] for row in held] == ([["Un mot"]] if is_verified else [])
    assert signed_in(person).get("/compte/donnees/mes-donnees.json").status_code == 200
    from desk.hooks.personal_data import erase

    erase(person)
    assert Reading.objects.count() == (1 if is_verified else 2)
