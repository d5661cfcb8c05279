"""What people copy elsewhere and paste on the desk, by the real clipboard, on the page and its policy.

`pastes/` holds what each program puts there, and the text that it becomes. `libreoffice.html` is what LibreOffice 7.4
gave on the clipboard (`xclip -o -selection clipboard -t text/html`) for `libreoffice.fodt`, all of it selected and
copied under Xvfb; the others were written in the form that public reports show.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.templatetags.static import static
from playwright.sync_api import expect

from desk.models import Picture
from pole.text.richtext import clean_html, plain_text
from tests.browser.test_writing import PHOTO, photo
from tests.desk.prose import Drawer
from tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASTES = Path(__file__).parent / "pastes"
# As a program would: the browser itself rewrites what a page hands to `navigator.clipboard`.
COPY = """(kinds) => window.addEventListener("copy", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  for (const [kind, text] of Object.entries(kinds)) event.clipboardData.setData(kind, text);
}, { capture: true, once: true })"""


@pytest.fixture
def desk(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/billets/{PostFactory(body='<p>x</p>').pk}/")
    expect(page.locator(".prose-menubar").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def paste(page, **kinds):
    """Copies by the keyboard, then pastes over all that the editor holds."""
    page.locator(".tiptap").first.click()
    page.keyboard.press("Control+a")
    page.evaluate(COPY, {kind.replace("_", "/"): text for kind, text in kinds.items()})
    page.keyboard.press("Control+c")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+v")


def written(page, name="body"):
    """What the form would send, as it would be stored, a block a line."""
    text = clean_html(page.locator(f"[name={name}]").input_value(), language="fr")
    return re.sub(r"(</(?:p|h[234]|ul|ol|table|figure|blockquote|pre)>|<hr>)", r"\1\n", text)


def one_block_a_line(markup):
    return re.sub(
        r"(</(?:p|h[234]|ul|ol|table|figure|blockquote|pre)>|<hr>)\n*",
        r"\1\n",
        markup.replace(" :", "\u00a0:").replace("« ", "«\u00a0").replace(" »", "\u00a0»"),
    )


def test_each_program_gives_the_text_that_was_copied(desk):
    """In one page, which is long to open: each paste replaces the one before."""
    found, expected = {}, {}
    for recorded in sorted(PASTES.glob("*.html")):
        name = recorded.name.removesuffix(".html")
        if name.endswith(".expected"):
            continue
        paste(desk, text_html=recorded.read_text(), text_plain="x")
        found[name] = written(desk)
        expected[name] = one_block_a_line((PASTES / f"{name}.expected.html").read_text())
    for name, text in expected.items():
        assert found[name].split("\n") == text.split("\n"), name


# (what a paste holds as HTML, what the text becomes)
SMALL = [
    # Bold around a sub-list that is not, and inside what is not (ueberdosis/tiptap#3735).
    (
        '<ul><li style="font-weight:700"><span style="font-weight:700">Un</span><ul><li><span style="font-weight:400">sous</span></li></ul></li></ul>',
        "<ul><li><p><strong>Un</strong></p><ul><li><p>sous</p></li></ul></li></ul>",
    ),
    ('<p><b>gras <span style="font-weight: normal">ordinaire</span></b></p>', "<p><strong>gras </strong>ordinaire</p>"),
    ('<p><span style="font:italic bold 12px Arial">les deux</span></p>', "<p><strong><em>les deux</em></strong></p>"),
    ("<p><i style='font-style:normal'>droit</i> <cite>titre</cite></p>", "<p>droit <em>titre</em></p>"),
    ("<p style='font-weight:600'>Semi</p><h2><b>Titre</b></h2>", "<p><strong>Semi</strong></p><h2>Titre</h2>"),
    ("<p>x<span style='vertical-align:sub'>2</span> y<sup style='vertical-align:baseline'>3</sup></p>", "<p>x<sub>2</sub> y3</p>"),
    # A list that skips a level (ckeditor/ckeditor5-paste-from-office#53).
    (
        "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>A</p>"
        "<p style='mso-list:l0 level3 lfo1'><span style='mso-list:Ignore'>o</span>B</p>"
        "<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>C</p>",
        "<ul><li><p>A</p><ul><li><p>B</p></li></ul><ul><li><p>C</p></li></ul></li></ul>",
    ),
    # Paragraphs without a marker, each of its own level (ckeditor/ckeditor5#20036).
    (
        "<p style='margin-left:36.0pt;mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>A</p>"
        "<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>B</p>"
        "<p class=MsoListParagraphCxSpMiddle>suite de B</p><p class=MsoListParagraphCxSpMiddle style='margin-left:1.0in'>encore</p>"
        "<p class=MsoListParagraphCxSpMiddle style='margin-left:1.27cm'>suite de A</p>"
        "<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>C</p>"
        "<p class=MsoListParagraphCxSpMiddle style='margin-left:0cm'>suite</p>"
        "<p style='margin-left:36.0pt;mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.</span>D</p>",
        "<ol><li><p>A</p><ul><li><p>B</p><p>suite de B</p><p>encore</p></li></ul><p>suite de A</p><ul><li><p>C</p></li></ul><p>suite</p></li><li><p>D</p></li></ol>",
    ),
    # Tables that set a mail's page (suitenumerique/docs#1474), and one that is a table.
    (
        "<table><tr><td><table role=presentation><tr><td><h2>Infolettre</h2></td></tr><tr><td>Texte</td><td></td></tr></table></td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>Fin</td></tr></table>",
        "<h2>Infolettre</h2><p>Texte</p><table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table><p>Fin</p>",
    ),
    # A list after its list (editor-js/list#68), as it comes out of an old editor.
    ("<ul><li>Un</li><ul><li>Sous</li></ul><li>Deux</li></ul>", "<ul><li><p>Un</p><ul><li><p>Sous</p></li></ul></li><li><p>Deux</p></li></ul>"),
    ("<p class=MsoHeading7>x</p><p class='Titre2'>Deux</p><p class=Heading1>Un</p>", "<h4>x</h4><h3>Deux</h3><h2>Un</h2>"),
    ("<h1>A</h1><h2>B</h2><h3>C</h3><h4>D</h4>", "<h2>A</h2><h3>B</h3><h4>C</h4><h4>D</h4>"),
    ("<h2>A</h2><h5>E</h5>", "<h2>A</h2><h4>E</h4>"),
    ("<h1 style='mso-list:l0 level1 lfo1'><![if !supportLists]>1.<span style='mso-list:Ignore'>&nbsp;</span><![endif]>Titre</h1>", "<h2>1. Titre</h2>"),
    ("<p>a<br><br><br>b<br>c</p><p>&nbsp;</p><p><br></p>", "<p>a</p><p>b<br>c</p>"),
    ("<del>retiré</del> <ins>mis</ins> <u>souligné</u> <mark>surligné</mark>", "<p><s>retiré</s> mis souligné surligné</p>"),
    ("<p>Un <q>mot</q>, <kbd>Ctrl</kbd></p>", "<p>Un «\u00a0mot\u00a0», <code>Ctrl</code></p>"),
    ("<table><tr><td>Une seule</td></tr></table>", "<p>Une seule</p>"),
    ("<tr><td>a</td><td>b</td></tr>", "<table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table>"),
    ("<p>l'info@x.example, élus.es, (https://x.example/a_(b)).</p>", '<p>l\'<a href="mailto:info@x.example">info@x.example</a>, élus.es, (<a href="https://x.example/a_(b)" rel="noopener">https://x.example/a_(b)</a>).</p>'),
    ("<p>Écrire à <a href=\"mailto:l'info@x.example\"><b>l’info@x.example</b></a> ou <a href='mailto:qu%E2%80%99Info@x.example?subject=a'>qu'Info@x.example</a></p>", "<p>Écrire à l’<a href=\"mailto:info@x.example\"><strong>info@x.example</strong></a> ou qu'<a href=\"mailto:Info@x.example?subject=a\">Info@x.example</a></p>"),
    ("<p><a href=\"mailto:l'info@x.example\">Luc</a> <a href=\"mailto:o'brien@x.example\">o'brien@x.example</a></p>", "<p><a href=\"mailto:l'info@x.example\">Luc</a> <a href=\"mailto:o'brien@x.example\">o'brien@x.example</a></p>"),
    ("<pre><code>a@b.example 'x' **y**</code></pre>", "<pre><code>a@b.example 'x' **y**</code></pre>"),
    ("<p>**pas gras** et __init__</p>", "<p>**pas gras** et __init__</p>"),
    ('<p><a href="file:///C:/a.docx">doc</a> <a href="#haut">haut</a> <a href="tel:+15145550101">tél.</a></p>', '<p>doc haut <a href="tel:+15145550101">tél.</a></p>'),
    ('<p>a <img src="https://x.example/p.gif" width=1 height=1> b <img class="emoji" alt="😀" src="https://x.example/e.png"></p>', "<p>a b 😀</p>"),
    ("<p>Fin de page</p><script>alert(1)</script><style>p{color:red}</style><p hidden>x</p>", "<p>Fin de page</p>"),
    ("<math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>", "<p>x^2</p>"),
    ('<p>Voir</p><p><a href="https://vimeo.com/123">https://vimeo.com/123</a></p>', '<p>Voir</p><figure class="figure--video"><figcaption><a href="https://vimeo.com/123" rel="noopener">Vidéo – vimeo.com</a></figcaption></figure>'),
    ("<p>à https://youtu.be/abc ici</p>", '<p>à <a href="https://youtu.be/abc" rel="noopener">https://youtu.be/abc</a> ici</p>'),
    # A relative address of another page is none of this site's; one without its protocol is of the Web.
    ('<p>a</p><object data="x.swf"></object><iframe src="/embed/1"></iframe><p>b <a href="//x.example/y">c</a> <a href="y.html">d</a></p>', '<p>a</p><p>b <a href="https://x.example/y" rel="noopener">c</a> d</p>'),
    ('<iframe src="//player.example/1" title="Carte"></iframe>', '<p><a href="https://player.example/1" rel="noopener">Carte</a></p>'),
]  # fmt: skip
PLAIN = [
    ("Un\nDeux\n\nTrois", "<p>Un<br>Deux</p><p>Trois</p>"),
    ("Un\r\n\r\n\r\n- a\r\n- b\r\n", "<p>Un</p><p>- a<br>- b</p>"),
    ("# Titre\n\n**gras**", "<p># Titre</p><p>**gras**</p>"),
    ("Voir www.x.example/a.", '<p>Voir <a href="https://www.x.example/a" rel="noopener">www.x.example/a</a>.</p>'),
    ("Notre film\nhttps://youtu.be/abc\nBon visionnement", '<p>Notre film</p><figure class="figure--video"><figcaption><a href="https://youtu.be/abc" rel="noopener">Vidéo – youtu.be</a></figcaption></figure><p>Bon visionnement</p>'),
    # Line and page ends of Word, and of Unicode.
    ("Un\vDeux\u2028Trois\fQuatre\u2029Cinq", "<p>Un<br>Deux<br>Trois</p><p>Quatre</p><p>Cinq</p>"),
    ("<b>balise</b> & cie", "<p>&lt;b&gt;balise&lt;/b&gt; &amp; cie</p>"),
]  # fmt: skip


def test_no_word_of_what_is_pasted_is_lost_nor_moved(desk):
    """Drawn documents, as a browser would copy them: only empty things, and what is said, go away."""
    drawn = [clean_html(Drawer(seed).document(), language="fr") for seed in range(400)]
    through = "async ([source, texts]) => { const { clean } = await import(source); return texts.map((text) => clean(text, () => {})); }"
    cleaned = desk.evaluate(through, [static("js/prose/paste/clean.js"), drawn])
    lost = [
        (before, after)
        for before, after in zip(drawn, cleaned, strict=True)
        if plain_text(before).split() != plain_text(clean_html(after, language="fr")).split()
    ]
    assert (lost[:1], len(lost)) == ([], 0)


def test_small_faults_of_each_kind(desk):
    found = []
    for kind, cases in (("text_html", SMALL), ("text_plain", PLAIN)):
        for given, _expected in cases:
            paste(desk, **{kind: given})
            found.append(written(desk).replace("\n", ""))
    assert found == [expected for _given, expected in [*SMALL, *PLAIN]]


def test_picture_that_is_pasted_goes_to_the_library_and_what_is_not_is_said(desk):
    data = f"data:image/jpeg;base64,{photo()}"
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    paste(
        desk,
        text_html=f'<p>Avant</p><p><img src="{data}" alt="Un verger"></p><p>Texte <img src="{dot}" alt="point" width="9"> ici</p>'
        '<p><img src="https://x.example/Mont%20Royal.jpg" alt="IMG_0012.jpg"></p><img src="file:///C:/a.png"><video src="https://x.example/a.avi"></video>',
    )
    expect(desk.locator(".tiptap > img")).to_have_attribute("srcset", re.compile("-480.webp 480w"))
    expect(desk.locator(".tiptap p img:not(.ProseMirror-separator)")).to_have_attribute(
        "src", re.compile(r"/fichiers/|/media/")
    )
    expect(desk.locator(".tiptap > img")).to_have_attribute("alt", "Un verger")
    text = written(desk)
    assert ("data:" not in text, Picture.objects.count()) == (True, 2)
    assert (
        '<a href="https://x.example/Mont%20Royal.jpg" rel="noopener">[À compléter\u00a0: une image «\u00a0Mont Royal.jpg\u00a0»]</a>'
        in text
    )
    said = desk.locator(".prose-said")
    expect(said).to_have_attribute("role", "status")
    expect(said).to_contain_text("Images restées sur l’autre site\u00a0: 1.")
    expect(said).to_contain_text("Images que le navigateur ne peut pas lire dans votre document\u00a0: 1.")
    expect(said).to_contain_text("Lecteurs, cartes")
    said.get_by_role("button", name="Compris").click()
    expect(said).to_be_empty()
    desk.keyboard.type("x")
    expect(desk.locator(".tiptap").first).to_be_focused()


def test_picture_copied_alone_in_a_browser_is_sent_from_its_bytes(desk):
    """« Copier l’image » also gives the address that it had."""
    desk.locator(".tiptap").first.click()
    desk.evaluate(
        """(content) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/html", '<meta charset="utf-8"><img src="https://x.example/a.jpg" alt="Un verger">');
          clipboardData.items.add(new File([bytes], "image.jpg", { type: "image/jpeg" }));
          document.querySelector(".tiptap").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        photo(),
    )
    expect(desk.locator(".tiptap img[data-picture]")).to_have_count(1)


def test_video_that_is_typed_alone_becomes_a_card_with_the_title_that_its_author_gives(desk):
    paste(desk, text_plain="x")
    desk.keyboard.press("Backspace")
    desk.keyboard.type("https://www.youtube.com/watch?v=abc123")
    desk.keyboard.press("Enter")
    desk.keyboard.type("Suite.")
    expect(desk.locator(".tiptap .figure--video a")).to_have_text("Vidéo – youtube.com")
    desk.locator(".tiptap .figure--video a").dblclick()
    desk.keyboard.type("Notre film")
    text = written(desk)
    assert 'href="https://www.youtube.com/watch?v=abc123"' in text
    assert ("Notre film" in text, text.rstrip().endswith("<p>Suite.</p>")) == (True, True)
    # Its picture is one of the library, above the title.
    desk.get_by_role("button", name="Ajouter une image").click()
    desk.get_by_role("dialog").locator("[type=file]").set_input_files(PHOTO)
    desk.get_by_label("Ce que montre l’image, pour les personnes").fill("Une scène du film")
    desk.get_by_role("button", name="C’est fait").click()
    expect(desk.locator(".tiptap .figure--video > img + figcaption")).to_have_count(1)
    assert re.search(
        '<figure class="figure--video"><img [^>]*alt="Une scène du film"[^>]*><figcaption><a ', written(desk)
    )


def test_note_is_written_from_the_keyboard_and_numbered_in_its_order(desk):
    paste(desk, text_plain="Premier mot. Second mot.")
    desk.keyboard.press("Control+Alt+f")
    desk.keyboard.type("Note du second.")
    desk.locator(".tiptap > p").first.click(position={"x": 2, "y": 8})
    for _letter in "Premier mot":
        desk.keyboard.press("ArrowRight")
    desk.get_by_role("button", name="Plus de mise en forme").click()
    desk.get_by_role("button", name="Note de bas de page").click()
    desk.keyboard.type("Note du premier.")
    expect(desk.locator(".tiptap sup")).to_have_text(["1", "2"])
    text = written(desk)
    assert re.findall(r"Note du \w+|Premier mot|Second mot", text) == [
        "Premier mot",
        "Second mot",
        "Note du premier",
        "Note du second",
    ]
