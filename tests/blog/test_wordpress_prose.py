"""Classic texts, blocks and short codes: what WordPress would show, and no word less."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.wordpress import prose
from blog.wordpress.autop import paragraphs
from blog.wordpress.blocks import parse_blocks
from blog.wordpress.shortcodes import render_shortcodes
from pole.text.richtext import plain_text, sanitise


class Site:
    """Knows the pictures of the folder `uploads`, and one text that is shared."""

    def image(self, address, alternative):
        return (
            f'<img src="/media/1" data-picture="1" alt="{alternative}">' if "/uploads/" in address else None
        )

    def image_of(self, key):
        return f'<img src="/media/{key}" data-picture="{key}" alt="">' if key in {"7", "8"} else None

    def link(self, address):
        return None

    def pictures_of(self, key):
        return {"5": ["7", "8"]}.get(key, [])

    def shared_text(self, key):
        # The second shows itself.
        return {"1": "Partagé", "2": '<!-- wp:block {"ref":2} /-->'}.get(key, "")


def shown(typed, **told):
    return sanitise(prose.convert(typed, Site(), **told).markup).replace("\n", "")


def said(typed, **told):
    return [tuple(note) for note in prose.convert(typed, Site(), **told).notes]


# As WordPress 6 answers, of these texts.
@pytest.mark.parametrize(
    ("typed", "markup"),
    [
        ('Un.\n\nDeux.\n\n<p style="text-align:center">Trois.</p>\n\nQuatre.',
         '<p>Un.</p><p>Deux.</p><p style="text-align:center">Trois.</p><p>Quatre.</p>'),
        ("<h3>Titre</h3>\nSuite", "<h3>Titre</h3><p>Suite</p>"),
        ("Avant <b>gras</b>\n<h2>T</h2>Après", "<p>Avant <b>gras</b></p><h2>T</h2><p>Après</p>"),
        ("Liste :<ul>\n<li>un</li>\n<li>deux</li>\n</ul>Fin", "<p>Liste :</p><ul><li>un</li><li>deux</li></ul><p>Fin</p>"),
        ("<ol>\n\n<li>un</li>\n\n<li>deux</li>\n\n</ol>", "<ol><li>un</li><li>deux</li></ol>"),
        ("Un\r\nDeux\r\n\r\nTrois", "<p>Un<br>Deux</p><p>Trois</p>"),
        ("Un<br />\nDeux<br/><br>Trois", "<p>Un<br>Deux</p><p>Trois</p>"),
        ("<blockquote>Un\n\nDeux</blockquote>Trois", "<blockquote><p>Un</p><p>Deux</p></blockquote><p>Trois</p>"),
        ("Un\n<hr>\nDeux", "<p>Un</p><hr><p>Deux</p>"),
        ("<pre>a\n\nb</pre>\nc", "<pre>a\n\nb</pre><p>c</p>"),
        ("<PRE>a\n\nb</PRE>c", "<PRE>a\n\nb</PRE><p>c</p>"),
        ("<div>\nUn\n</div>\nDeux", "<div>Un</div><p>Deux</p>"),
        # Of the first years: a block for browsers.
        ("Un\n<center>Deux</center>\nTrois", "<p>Un</p><center>Deux</center><p>Trois</p>"),
        ("<table>\n<tr>\n<td>a</td>\n</tr>\n</table>\nb", "<table><tr><td>a</td></tr></table><p>b</p>"),
        ("Un <a\nhref='/x/'>lien</a>", "<p>Un <a\nhref='/x/'>lien</a></p>"),
        ("   \n\n ", ""),
    ],
)  # fmt: skip
def test_paragraphs_are_those_of_wordpress(typed, markup):
    found = paragraphs(typed)
    pres = re.findall(r"<pre>.*?</pre>|<a\n.*?>", found, re.DOTALL | re.IGNORECASE)
    flat = re.sub(r"\n", "", found)
    for kept in pres:
        flat = flat.replace(kept.replace("\n", ""), kept)
    assert flat.strip() == markup


WORDS = st.lists(
    st.sampled_from(
        ["mot", "été", "l’eau", "<b>gras</b>", "<em>it</em>", "[1]", "a < b", "« oui »", "&amp;"]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)
LINES = st.lists(
    st.one_of(
        WORDS,
        WORDS.map(lambda words: f"<h3>{words}</h3>"),
        WORDS.map(lambda words: f"<ul><li>{words}</li><li>fin</li></ul>"),
        WORDS.map(lambda words: f"<blockquote>{words}</blockquote>"),
        WORDS.map(lambda words: f"<div>{words}</div>"),
        WORDS.map(lambda words: f"<pre>{words}</pre>"),
        WORDS.map(lambda words: f"<!-- wp:paragraph --><p>{words}</p><!-- /wp:paragraph -->"),
        st.just("<!--more-->"),
    ),
    max_size=8,
)


@given(LINES, st.sampled_from(["\n", "\n\n", "\r\n\r\n", "\n\n\n"]))
def test_no_word_is_lost_nor_changed(lines, between):
    typed = between.join(lines)
    expected = re.sub(r"<!--.*?-->", " ", typed)
    expected = plain_text(sanitise(re.sub(r"(</?(?:p|h3|li|ul|blockquote|div|pre)>)", r" \1 ", expected)))
    assert plain_text(shown(typed)).split() == expected.split()


@given(st.text(alphabet=st.sampled_from("[]/ =\"'abcgallery17-é<>!\n"), max_size=60))
def test_what_is_no_short_code_stays_as_it_is(typed):
    names = []
    found = render_shortcodes(typed, lambda code: names.append(code.name) or "")
    if not names and "[[" not in typed:
        assert found == typed


@given(st.text(max_size=200))
def test_any_text_is_converted(typed):
    shown(typed)
    shown(f'<!-- wp:group -->{typed}<!-- /wp:group -->{typed}<!-- wp:x {{"a":1}} /-->')


@pytest.mark.parametrize(
    "words",
    ["[sic]", "[au Pôle]", "[la région]", "[1]", "[…]", "[note 3]", "[Vidéo]", "[Gallery]", "[table]", "[archives]", "[quote]",
     "[x]", "[youtube]", "[à suivre]", "[sic", "]", "[]", "[[", "[ gallery ]", "[N.D.L.R.]", "[video de la réunion]", "[audio : entrevue]",
     "[gallery photo]"],
)  # fmt: skip
def test_brackets_of_the_author_are_words(words):
    assert plain_text(shown(f"Le projet {words} grandit.")) == f"Le projet {words} grandit."


@pytest.mark.parametrize(
    ("typed", "markup"),
    [
        ('<pre>[gallery ids="7"]</pre>', '<pre>[gallery ids="7"]</pre>'),
        ("<code>[caption]x[/caption]</code>", "<p><code>[caption]x[/caption]</code></p>"),
        ('[[gallery]] et [[audio src="a"]]', '<p>[gallery] et [audio src="a"]</p>'),
        ('[gallery ids="8,7"]', '<figure><img src="/media/8" data-picture="8" alt=""></figure><figure><img src="/media/7" data-picture="7" alt=""></figure>'),
        ('[gallery exclude="7"]', '<figure><img src="/media/8" data-picture="8" alt=""></figure>'),
        ("Avant [vc_row]dedans[/vc_row] après", "<p>Avant dedans après</p>"),
        ("[one_half]Un[/one_half][one_half_last]Deux[/one_half_last]", "<p>UnDeux</p>"),
        ('[button link="/x/"]Cliquez[/button]', '<p><a href="/x/">Cliquez</a></p>'),
        # Words and links of page builders that are in their attributes alone.
        ('[et_pb_button button_text="S’inscrire &amp; payer" button_url="https://x.example/a?b=1&amp;c=2" admin_label="B"][/et_pb_button]',
         '<p><a href="https://x.example/a?b=1&amp;c=2" rel="noopener">S’inscrire &amp; payer</a></p>'),
        ('[vc_btn title="Aller" link="url:https%3A%2F%2Fx.example%2F|title:y"]', '<p><a href="https://x.example/" rel="noopener">Aller</a></p>'),
        ('[vc_row][vc_custom_heading text="Nos <membres>"]Suite[/vc_row]', "<h3>Nos &lt;membres&gt;</h3><p>Suite</p>"),
        ('[et_pb_blurb title="Un" admin_label="Bloc"]<p>Deux</p>[/et_pb_blurb]', "<p>Un</p><p>Deux</p>"),
        ('[et_pb_cta title="Un" button_text="Voir" button_url="/x/"]Deux[/et_pb_cta]', '<p>Un</p><p>Deux</p><p><a href="/x/">Voir</a></p>'),
        ('[et_pb_image src="/uploads/a.jpg" alt="Pain"]', '<figure><img src="/media/1" data-picture="1" alt="Pain"></figure>'),
        ('[vc_single_image image="7" img_size="full"]', '<figure><img src="/media/7" data-picture="7" alt=""></figure>'),
        ('[su_button url="javascript:alert(1)"]T[/su_button]', "<p>T</p>"),
        ('[contact-form-7 title="Nom interne"]', ""),
        ('[caption width="3"]Sans image[/caption]', "<p>Sans image</p>"),
        ("[youtube https://www.youtube.com/watch?v=abcdefghijk]",
         '<p><a href="https://www.youtube.com/watch?v=abcdefghijk" rel="noopener">https://www.youtube.com/watch?v=abcdefghijk</a></p>'),
        ("Vu :\nhttps://v.example/?a=1&b=2\nFin",
         '<p>Vu :</p><p><a href="https://v.example/?a=1&amp;b=2" rel="noopener">https://v.example/?a=1&amp;b=2</a></p><p>Fin</p>'),
        ("Vu à https://v.example/ hier", "<p>Vu à https://v.example/ hier</p>"),
    ],
)  # fmt: skip
def test_short_codes_that_are_known(typed, markup):
    assert shown(typed, key="5") == markup


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        ('[contact-form-7 id="5"]', [("code", "contact-form-7")]),
        ('[machin truc="1"]', [("unknown_code", "machin")]),
        ("[gallery]", [("gallery", "")]),
        ('[gallery ids="9"]', [("gallery_picture", "9")]),
        ("<img src='https://x.example/a/b.gif'>", [("picture", "b.gif")]),
        ("<!-- wp:latest-comments /-->", [("block", "latest-comments")]),
        ('<!-- wp:block {"ref":9} /-->', [("block", "block")]),
        ("[sic]", []),
    ],
)
def test_what_is_lost_is_said(typed, notes):
    assert said(typed) == notes


@pytest.mark.parametrize(
    ("typed", "markup"),
    [
        ('<!-- wp:block {"ref":1} /-->', "<p>Partagé</p>"),
        ('<!-- wp:core-embed/youtube {"url":"https://www.youtube.com/watch?v=abc"} /-->',
         '<p><a href="https://www.youtube.com/watch?v=abc" rel="noopener">https://www.youtube.com/watch?v=abc</a></p>'),
        ("<!-- wp:quote --><blockquote><p>a</p><cite>b</cite></blockquote><!-- /wp:quote -->", "<blockquote><p>a</p><p>b</p></blockquote>"),
        ('<!-- wp:more {"customText":"Lire"} --><!--more Lire--><!-- /wp:more -->', ""),
        ("<!-- wp:paragraph --><p>jamais fermé", "<p>jamais fermé</p>"),
        ("<!-- /wp:paragraph -->seul", "<p>seul</p>"),
        ('<!-- wp:image --><figure class="wp-block-image"><img src="/uploads/a.jpg" alt="A"/><figcaption>c</figcaption></figure><!-- /wp:image -->',
         '<figure><img src="/media/1" data-picture="1" alt="A"><figcaption>c</figcaption></figure>'),
        ('<!-- wp:image --><figure><img src="data:image/gif;base64,R0" data-src="/uploads/a.jpg"><noscript><img src="/uploads/a.jpg"></noscript></figure><!-- /wp:image -->',
         '<figure><img src="/media/1" data-picture="1" alt=""></figure>'),
        ('<!-- wp:gallery {"ids":[7]} /-->', '<figure><img src="/media/7" data-picture="7" alt=""></figure>'),
        ('<!-- wp:audio --><figure><audio controls src="https://x.example/a.mp3"></audio></figure><!-- /wp:audio -->',
         '<p><a href="https://x.example/a.mp3" rel="noopener">https://x.example/a.mp3</a></p>'),
    ],
)  # fmt: skip
def test_blocks(typed, markup):
    assert shown(typed) == markup


def test_a_block_that_shows_itself_ends():
    assert shown('<!-- wp:block {"ref":2} /-->') == ""


def test_footnotes_stand_where_their_block_is_else_at_the_end():
    notes = '[{"id":"a","content":"Une."},{"id":"b","content":"Deux."}]'
    listed = "<ol><li>Une.</li><li>Deux.</li></ol>"
    assert (
        shown("<!-- wp:footnotes /--><!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->", footnotes=notes)
        == f"{listed}<p>x</p>"
    )
    assert shown("Texte", footnotes=notes) == f"<p>Texte</p>{listed}"
    assert shown("Texte", footnotes="{abîmé") == "<p>Texte</p>"


def test_blocks_nest_and_keep_their_attributes():
    [group] = [
        block
        for block in parse_blocks('<!-- wp:group {"a":{"b":"}"}} --><!-- wp:p /-->x<!-- /wp:group -->')
        if block.name
    ]
    assert group.attributes == {"a": {"b": "}"}}
    assert [getattr(part, "name", part) for part in group.parts if part] == ["p", "x"]
