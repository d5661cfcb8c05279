"""The writing desk, conversations and moderation in a real browser; and payloads in every text field of them."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Error, expect

from accounts import journal
from blog.models import Author, Post, Tag
from comments import flagging
from comments.models import Comment, Flag
from desk.models import Document, Draft, Picture
from desk.pictures import store_picture
from enterprises.models import Import
from pole.files.images import reencode
from tests.browser.slow import Held
from tests.browser.soon import soon
from tests.factories import CommentFactory, PageFactory, PostFactory, UserFactory
from tests.moments import as_typed, typeable

pytestmark = pytest.mark.django_db(transaction=True)
# Letters of a word, by the page's own timers: none of its waits ends between two of them, however slow it is.
TYPE_ON = """() => {
  const type = () => {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true }));
    if (!window.isOver) setTimeout(type, 60);
  };
  type();
}"""
DROP = """([content, x, y]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "verger.jpg", { type: "image/jpeg" }));
  document.querySelector(".tiptap").dispatchEvent(new DragEvent("drop", { dataTransfer, clientX: x, clientY: y, bubbles: true, cancelable: true }));
}"""


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (1000, 600), "green").save(buffer, "JPEG")
    return base64.b64encode(buffer.getvalue()).decode()


PHOTO = {"name": "verger.jpg", "mimeType": "image/jpeg", "buffer": base64.b64decode(photo())}


def test_post_is_written_illustrated_previewed_scheduled_compared_and_restored(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, name="Mireille Gendron"))
    page.goto("/gestion/billets/nouveau/")
    page.locator("#id_title").fill("Un verger partagé")
    editor = page.locator(".tiptap").first
    editor.click()
    page.keyboard.type("Les pommiers sont en fleurs.")
    # It saves by itself, and the text has an address of its own.
    page.wait_for_url(re.compile(r"/gestion/billets/\d+/$"))
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    box = editor.bounding_box()
    page.evaluate(DROP, [photo(), box["x"] + 40, box["y"] + 40])
    page.get_by_label("Ce que montre l’image, pour les personnes").fill("Un verger en mai")
    page.get_by_role("button", name="C’est fait").click()
    expect(page.locator(".tiptap img")).to_have_attribute("alt", "Un verger en mai")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Aperçu").click()
    expect(opened.value.get_by_alt_text("Un verger en mai")).to_have_attribute(
        "srcset", re.compile("-480.webp 480w")
    )
    opened.value.close()
    page.get_by_label("Date de publication").fill(as_typed(typeable(timezone.now() + timedelta(days=3))))
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_text("Planifié", exact=True).first).to_be_visible()
    page.locator(".tiptap").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Une phrase de trop.")
    # It leaves once the portal has said who is signed in.
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Historique").click()
    page.get_by_role("button", name="Comparer les deux versions").click()
    expect(page.locator(".comparison ins")).to_contain_text("Une phrase de trop")
    page.get_by_role("link", name="Reprendre la version d’avant").click()
    # Both dates, and what would change, before anything does.
    expect(page.get_by_text("Dans l’éditeur maintenant")).to_be_visible()
    expect(page.locator(".comparison del")).to_contain_text("Une phrase de trop")
    page.get_by_role("button", name="Reprendre cette version").click()
    expect(page.get_by_text("Cette version est de retour")).to_be_visible()
    body = Draft.objects.get().content["body"]
    assert ("phrase de trop" in body, "Un verger en mai" in body) == (False, True)
    assert Post.objects.get().is_scheduled(timezone.now())


def test_picture_at_the_head_is_chosen_in_the_library_and_kept_by_the_autosave(open_page, sign_in):
    writer = UserFactory(is_staff=True)
    sent = ContentFile(PHOTO["buffer"], name="verger.jpg")
    picture = store_picture(reencode(sent), description="Un verger", by=writer)
    store_picture(reencode(sent), description="", by=writer)
    post = PostFactory(title="Un texte", body="<p>Début.</p>")
    page = open_page(width=360)
    sign_in(page, writer)
    page.goto(f"/gestion/billets/{post.pk}/")
    choose, dialog = (
        page.get_by_role("button", name="Choisir dans la bibliothèque"),
        page.get_by_role("dialog"),
    )
    choose.click()
    dialog.get_by_role("link", name="Pas encore décrite").click()
    expect(page.locator("[data-writing-alert]")).to_contain_text("Décrivez cette image")
    expect(page.locator("[data-lead] img")).to_have_count(0)
    choose.click()
    dialog.locator("[type=file]").set_input_files(
        [{"name": "bilan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}, PHOTO]
    )
    names = "[...document.querySelector('#id_picture').files].map(({ name }) => name)"
    soon(page, lambda: page.evaluate(names), ["verger.jpg"])
    expect(page.locator("#id_picture_description")).to_be_focused()
    # Chosen in the library after all: the file that was to be sent is not.
    choose.click()
    dialog.get_by_role("link", name="Un verger").click()
    expect(page.locator("[data-lead] img")).to_have_attribute("alt", "Un verger")
    soon(page, lambda: page.evaluate(names), [])
    expect(choose).to_be_focused()
    expect(page.get_by_label("Retirer l’image", exact=True)).to_be_visible()
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    soon(page, lambda: Draft.objects.get(pk=post.draft_id).content["lead_picture"], picture.pk)


def test_what_could_not_be_sent_waits_on_the_device(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    post = PostFactory(title="Un texte", body="<p>Début.</p>")
    page.goto(f"/gestion/billets/{post.pk}/")
    page.locator(".tiptap").first.click()
    page.context.set_offline(True)
    page.keyboard.press("Control+End")
    page.keyboard.type(" Suite hors ligne.")
    expect(page.locator("[data-writing-state]")).to_contain_text("Pas de réseau")
    # The tab dies rather than being left: a page being left is back online for an instant, and may save.
    with page.expect_event("crash"), pytest.raises(Error, match="chrome://crash"):
        page.goto("chrome://crash")
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"/gestion/billets/{post.pk}/")
    page.get_by_role("button", name="Reprendre ces mots").click()
    expect(page.locator(".tiptap").first).to_contain_text("Suite hors ligne.")
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    soon(page, lambda: "Suite hors ligne." in Draft.objects.get(pk=post.draft_id).content["body"])


def test_document_is_sent_renamed_and_removed_by_hand_on_a_phone(open_page, sign_in):
    page = open_page(width=360)
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/documents/")
    page.get_by_label("Document PDF").set_input_files(
        {
            "name": "bilan.pdf",
            "mimeType": "application/pdf",
            "buffer": b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n",
        }
    )
    page.get_by_role("button", name="Ajouter à la bibliothèque").click()
    page.get_by_label("Adresse à mettre en lien").click()
    page.get_by_role("link", name="Renommer ou retirer").click()
    page.get_by_label("Titre").fill("Bilan de l’année")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Bilan de l’année")).to_be_visible()
    page.get_by_role("link", name="Renommer ou retirer").click()
    page.get_by_role("button", name="Retirer le document de la bibliothèque").click()
    expect(page.get_by_text("Le document n’est plus dans la bibliothèque.")).to_be_visible()
    assert not Document.objects.exists()


def test_save_that_arrives_after_its_page_was_left_is_no_conflict_with_oneself(open_page, sign_in):
    """A slow network delivers it once the text is open again, before what the device kept is taken back."""
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    post = PostFactory(title="Un texte", body="<p>Début.</p>")
    late = []

    def hold(route):
        late.append(route.request)
        route.abort()

    def deliver_then_answer(route):
        while late:
            request = late.pop()
            kind = {"content-type": request.headers["content-type"]}
            assert page.request.post(request.url, data=request.post_data_buffer, headers=kind).ok
        route.continue_()

    page.route("**/enregistrement/", hold)
    page.goto(f"/gestion/billets/{post.pk}/")
    page.locator(".tiptap").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Suite hors ligne.")
    expect(page.locator("[data-writing-state]")).to_contain_text("Pas de réseau")
    # Tried again in eight seconds, not in one: a screen reader hears each try.
    page.wait_for_timeout(3_000)
    assert len(late) == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    page.unroute("**/enregistrement/")
    page.route("**/presence/", deliver_then_answer)
    page.goto(f"/gestion/billets/{post.pk}/")
    expect(page.locator("[data-writing-alert]")).to_contain_text("a enregistré ce texte")
    page.get_by_role("button", name="Reprendre ces mots").click()
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    expect(page.locator("[data-writing-alert]")).to_be_empty()
    assert Draft.objects.get(pk=post.draft_id).version == 2


def test_two_writers_see_each_other_and_both_texts(open_page, sign_in):
    post = PostFactory(title="À deux", body="<p>Ensemble.</p>")
    pages = []
    for name in ("Mireille", "Thomas"):
        page = open_page()
        sign_in(page, UserFactory(is_staff=True, name=name))
        page.goto(f"/gestion/billets/{post.pk}/")
        expect(page.locator(".tiptap").first).to_be_visible()
        pages.append(page)
    first, second = pages
    expect(second.locator("[data-writing-others]")).to_contain_text("Mireille")
    for page, words in ((second, " De Thomas."), (first, " De Mireille.")):
        page.locator(".tiptap").first.click()
        page.keyboard.press("Control+End")
        page.keyboard.type(words)
        if page == second:
            expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    expect(first.locator("[data-writing-alert]")).to_contain_text("Thomas a enregistré ce texte")
    first.get_by_role("button", name="Enregistrer").click()
    expect(first.get_by_role("alert").first).to_contain_text("Ensemble. De Thomas.")
    expect(first.locator(".tiptap").first).to_contain_text("De Mireille.")


def test_reader_comments_answers_and_flags(open_page, sign_in, unhurried):
    post = PostFactory(title="Un texte à discuter")
    CommentFactory(thread=post.thread, text="Une première opinion.", author=UserFactory(name="Jeanne"))
    reader = CommentFactory().author
    page = open_page(width=360)
    sign_in(page, reader)
    page.goto(post.get_absolute_url())
    page.get_by_label("Votre commentaire").fill("Bien dit.")
    page.get_by_label("J’accepte que mon nom soit affiché").check()
    page.get_by_role("button", name="Publier mon commentaire").dblclick()
    expect(page.get_by_text("Bien dit.")).to_have_count(1)
    page.get_by_role("link", name="Répondre").first.click()
    page.get_by_label("Votre commentaire").fill("Je réponds à Jeanne.")
    expect(page.get_by_label("J’accepte que mon nom soit affiché")).to_have_count(0)
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.locator(".comments .comments")).to_contain_text("Je réponds à Jeanne.")
    page.get_by_role("link", name="Signaler").first.click()
    page.get_by_label("Quel est le problème?").fill("Hors sujet")
    page.get_by_role("button", name="Signaler").click()
    expect(page.get_by_text("L’équipe relira ce commentaire.")).to_be_visible()
    page.get_by_role("button", name="Suivre cette discussion par courriel").click()
    expect(page.get_by_role("button", name="Ne plus suivre")).to_be_visible()
    assert (post.thread.comments.count(), Flag.objects.count()) == (3, 1)


def test_queue_is_moderated_from_the_keyboard_alone(open_page, sign_in):
    post = PostFactory()
    for text in ("Le premier", "Le deuxième", "Le troisième"):
        CommentFactory(thread=post.thread, text=text, state=Comment.State.PENDING, shown_at=None)
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/moderation/")
    focused = page.locator("[data-item]:focus")
    expect(focused).to_contain_text("Le premier")
    expect(page.locator("[data-queue-help]:not([hidden])")).to_have_count(1)
    page.keyboard.press("j")
    expect(focused).to_contain_text("Le deuxième")
    page.keyboard.press("p")
    expect(page.get_by_text("Le commentaire est publié.")).to_be_visible()
    expect(focused).to_contain_text("Le troisième")
    expect(page.locator("[data-queue-help]:not([hidden])")).to_have_count(1)
    page.keyboard.press("k")
    expect(focused).to_contain_text("Le premier")
    page.keyboard.press("m")
    expect(page.get_by_label("Raison").first).to_be_focused()
    page.keyboard.type("Propos injurieux")
    expect(page.get_by_label("Raison").first).to_have_value("Propos injurieux")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le commentaire est masqué.")).to_be_visible()
    states = list(post.thread.comments.order_by("pk").values_list("text", "state", "hidden_reason"))
    assert states == [
        ("Le premier", "hidden", "Propos injurieux"),
        ("Le deuxième", "published", ""),
        ("Le troisième", "pending", ""),
    ]


def test_a_reason_begun_before_the_keys_are_heard_decides_nothing(open_page, sign_in):
    comments = [CommentFactory(state=Comment.State.PENDING, shown_at=None) for _number in range(2)]
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    scripts = Held(page, "**/js/queue*.js")
    page.goto(f"/gestion/moderation/#commentaire-{comments[1].pk}", wait_until="commit")
    scripts.wait()
    # An act through a locator would wait for the whole page, script included.
    page.evaluate("[...document.querySelectorAll('[data-item]')].at(-1).focus()")
    page.evaluate(TYPE_ON)
    scripts.answer()
    page.unroute("**/js/queue*.js")
    page.wait_for_load_state()
    page.wait_for_timeout(600)
    expect(page.locator("[data-queue-help]")).to_be_hidden()
    page.evaluate("window.isOver = true")
    expect(page.locator("[data-queue-help]:not([hidden])")).to_have_count(1)
    assert [each.state for each in Comment.objects.all()] == [Comment.State.PENDING] * 2
    page.keyboard.press("p")
    expect(page.get_by_text("Le commentaire est publié.")).to_be_visible()


@pytest.mark.parametrize("has_policy", [True, False])
def test_payloads_in_every_text_field_never_run(open_page, sign_in, settings, has_policy):
    if not has_policy:
        settings.SECURE_CSP = {}
    payload = '"><img src=x onerror="window.ran=1"><script>window.ran=1</script>'
    short = '"><svg/onload=window.ran=1>'
    staff = UserFactory(is_staff=True, name=payload[:80])
    picture = Picture.objects.create(
        file="pictures/a.webp", width_px=9, height_px=9, description=payload, credit=payload
    )
    document = Document.objects.create(title=payload, file="documents/a.pdf", size_bytes=9)
    fields = {"title": payload, "heading": payload, "summary": payload, "body": f"<p>x</p>{short}"}
    post = PostFactory(**fields | {"body": "<p>x</p>"}, lead_picture=picture)
    post.documents.add(document)
    post.tags.add(Tag.objects.create(slug="p", name=payload[:60]))
    author = Author.objects.create(name=payload[:80], role=payload, note=payload)
    post.bylines.create(author=author)
    for number, content in enumerate((fields, fields | {"title": short}), start=1):
        post.draft.versions.create(number=number, content=content, saved_by=staff)
    Draft.objects.filter(pk=post.draft_id).update(content=fields | {"body": "<p>x</p>"}, version=2)
    page_row = PageFactory(title=payload, title_en=payload)
    comment = CommentFactory(thread=post.thread, text=payload, author=UserFactory(name=payload[:80]))
    CommentFactory(thread=post.thread, text="x", author=None, signature=payload[:80])
    CommentFactory(thread=post.thread, state=Comment.State.PENDING, shown_at=None, text=payload, author=staff)
    flagging.flag(comment=comment, by=staff, reason=payload, now=timezone.now())
    journal.record(
        action="hide", kind="comment", key=comment.pk, by=staff, person_id=comment.author_id, reason=payload
    )
    draft = [post.draft_id]
    token = re.search(r"/apercu/([^/]+)/", _shared(post))[1]
    addresses = [
        post.get_absolute_url(), page_row.get_absolute_url(), f"/en{page_row.get_absolute_url()}", "/", "/billets/",
        f"/billets/?signature={author.pk}", "/billets/?etiquette=p",
        "/recherche/?q=onerror", f"/recherche/?q={payload}", f"/apercu/{token}/", f"/apercu/{payload}/",
        f"/commentaires/desabonnement/{short}/", f"/billets/{short}/",
    ]  # fmt: skip
    staff_addresses = [
        "/gestion/", "/gestion/billets/", f"/gestion/billets/{post.pk}/", "/gestion/billets/signatures/",
        f"/gestion/billets/signatures/{author.pk}/", "/gestion/pages/", f"/gestion/pages/{page_row.pk}/",
        "/gestion/images/", f"/gestion/images/?q={payload}", f"/gestion/images/{picture.pk}/", "/gestion/documents/",
        "/gestion/moderation/", "/gestion/moderation/?etat=recents", "/gestion/moderation/?etat=masques",
        f"/gestion/moderation/?commentaire={comment.pk}", "/gestion/moderation/journal/",
        reverse("staff:draft_history", args=draft), reverse("staff:draft_compared", args=draft),
        reverse("staff:suspend", args=[comment.author_id]), reverse("comments:flag", args=[comment.pk]),
        reverse("comments:reply", args=[comment.pk]),
    ]  # fmt: skip
    visitor, member = open_page(), open_page()
    sign_in(member, staff)
    for page, visited in ((visitor, addresses), (member, addresses + staff_addresses)):
        for address in visited:
            answer = page.goto(address)
            assert (answer.status < 500, page.evaluate("window.ran")) == (True, None), address


def _shared(post):
    from desk import shared_preview

    return reverse("shared_preview", args=[shared_preview.make_preview_token(post.draft)])


@pytest.mark.parametrize("has_policy", [False, True])
def test_names_of_files_never_run(open_page, sign_in, settings, has_policy):
    """Where a file's own name is shown: the library, the editor’s answers, the imports of the directory."""
    if not has_policy:
        settings.SECURE_CSP = {}
    name = '"><img src=x onerror="window.ran=1"><svg onload=window.ran=1>'
    pdf, sheet = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n", f"Nom;Municipalite\n{name};{name}\n".encode()
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    for address, label, button, file in (
        ("/gestion/documents/", "Document PDF", "Ajouter à la bibliothèque", (".pdf", "application/pdf", pdf)),
        ("/gestion/documents/", "Document PDF", "Ajouter à la bibliothèque", (".svg", "image/svg+xml", b"<svg onload='x'>")),
        ("/gestion/images/", "Image", "Ajouter à la bibliothèque", (".svg", "image/svg+xml", b"<svg onload='x'>")),
        ("/gestion/repertoire/importer/", "Feuille de calcul", "Lire le fichier", (".csv", "text/csv", sheet)),
        (
            "/gestion/repertoire/importer/", "Feuille de calcul", "Lire le fichier", (".xlsx", "text/csv", b"PK\3\4"),
        ),
    ):  # fmt: skip
        page.goto(address)
        suffix, kind, content = file
        field = page.get_by_label(label).and_(page.locator("[type=file]"))
        field.set_input_files({"name": name + suffix, "mimeType": kind, "buffer": content})
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        assert page.evaluate("window.ran") is None, (address, suffix)
        page.goto(address)
        assert page.evaluate("window.ran") is None, address
    assert "onerror" in Document.objects.get().title
    assert "onerror" in Import.objects.get().file_name
