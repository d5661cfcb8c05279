"""Québec typography: what changes, what must not, and that doing it twice changes nothing."""

import html
import re
from pathlib import Path

import pytest
from django import conf
from django.template import Context, Template
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pole.templatetags.typography import ordinals
from pole.text.typography import fix_html, fix_text, html_tokens, raised_ordinals

# "~" stands for a no-break space, which nobody can see in a table of examples.
EXAMPLES = [
    ("Attention : danger", "Attention~: danger"),
    ("Attention: danger", "Attention~: danger"),
    ("Attention   : danger", "Attention~: danger"),
    ("Attention\u202f: danger", "Attention~: danger"),
    ("Attention:", "Attention~:"),
    ("Vraiment ? Oui ! Bon ; soit", "Vraiment? Oui! Bon; soit"),
    ("Vraiment\u00a0?!", "Vraiment?!"),
    ("(vraiment ?)", "(vraiment?)"),
    ("5% et 5 %, 20$ et 20 $", "5~% et 5~%, 20~$ et 20~$"),
    ("2,5 M$ et 2,5M$", "2,5~M$ et 2,5~M$"),
    ("12 000 $", "12~000~$"),
    ("12 345 678 habitants", "12~345~678 habitants"),
    ("12\u202f000 habitants", "12~000 habitants"),
    ("en 2023 100 personnes", "en 2023 100 personnes"),
    ("NEQ 1140 000 000", "NEQ 1140 000 000"),
    ("«oui»", "«~oui~»"),
    ("« oui »", "«~oui~»"),
    ('Il dit "oui".', "Il dit «~oui~»."),
    ("Il dit “oui”.", "Il dit «~oui~»."),
    ('« Il a dit "oui" »', "«~Il a dit “oui”~»"),
    ("« Il a dit “oui” »", "«~Il a dit “oui”~»"),
    ('"a “b” c"', "«~a “b” c~»"),
    ("“a « b » c”", "“a «~b~» c”"),
    ('"Il a dit « bon »."', "«~Il a dit “bon”.~»"),
    ('"Un «mot» et «un "autre" ici»"', "«~Un “mot” et “un ‘autre’ ici”~»"),
    ('l\'"idée"', "l’«~idée~»"),
    ('un "mot jamais fermé', 'un "mot jamais fermé'),
    ('un écran de 27" et un de 24"', 'un écran de 27" et un de 24"'),
    ('a " b " c', 'a " b " c'),
    ("d'ici l'an 2000", "d’ici l’an 2000"),
    ("5'10 et 'mot'", "5'10 et «~mot~»"),
    ("bon...", "bon…"),
    ("bon....", "bon...."),
    ("14h30", "14~h~30"),
    ("14 h 30", "14~h~30"),
    ("14H30 et 14 H 30", "14~h~30 et 14~h~30"),
    ("9h-17h", "9~h-17~h"),
    ("24h/24", "24~h/24"),
    ("de 9 h à 16 h 30", "de 9~h à 16~h~30"),
    ("à 25h30", "à 25h30"),
    ("3 hommes, 3 haies", "3 hommes, 3 haies"),
    ("Kahnawà:ke", "Kahnawà:ke"),
    ("le 1er mai", "le 1er mai"),
    # Quotations within quotations, and those between apostrophes.
    ("\"Il a dit 'bon'\"", "«~Il a dit “bon”~»"),
    ("\"'Bon', a-t-il dit\"", "«~“Bon”, a-t-il dit~»"),
    ("« Il a dit 'bon' »", "«~Il a dit “bon”~»"),
    ("« Il a dit ‘bon’ »", "«~Il a dit “bon”~»"),
    ("« Il a dit « bon » »", "«~Il a dit “bon”~»"),
    ("«Il a dit «bon».»", "«~Il a dit “bon”.~»"),
    ('"Il a dit "bon" hier"', "«~Il a dit “bon” hier~»"),
    ('"Il a dit "bon""', "«~Il a dit “bon”~»"),
    ('"Elle cite "un mot \'rare\' ici""', "«~Elle cite “un mot ‘rare’ ici”~»"),
    ("« Elle cite “un mot ‘rare’ ici” »", "«~Elle cite “un mot ‘rare’ ici”~»"),
    ("« a “b” c » et « d “e” f »", "«~a “b” c~» et «~d “e” f~»"),
    ("Il a dit 'non'.", "Il a dit «~non~»."),
    ("'Non', dit-elle", "«~Non~», dit-elle"),
    ("Il a dit ‘non’.", "Il a dit «~non~»."),
    ("l'expression 'c'est bon' d'ici", "l’expression «~c’est bon~» d’ici"),
    ("('peut-être')", "(«~peut-être~»)"),
    ("le mot 'été' et le mot 'hiver'", "le mot «~été~» et le mot «~hiver~»"),
    # Apostrophes that open nothing.
    ("'Tit-Paul et les autres'", "'Tit-Paul et les autres'"),
    ("du rock 'n' roll", "du rock 'n' roll"),
    ("les années '60 et '70", "les années '60 et '70"),
    ("une planche de 6' et une de 8'", "une planche de 6' et une de 8'"),
    ("45° 30' N. et 73° 40' O.", "45° 30' N. et 73° 40' O."),
    ("les amis' et la suite", "les amis' et la suite"),
    ("un 'mot jamais fermé", "un 'mot jamais fermé"),
    ('a ""', 'a ""'),
    # Elisions.
    ("L’ innovation", "L’innovation"),
    ('L’ « innovation » et d\' "ici"', "L’«~innovation~» et d’«~ici~»"),
    ("L' innovation", "L’innovation"),
    ("l’  eau et d’ un", "l’eau et d’un"),
    ("qu' il et jusqu’ ici", "qu’il et jusqu’ici"),
    ("aujourd’ hui", "aujourd’hui"),
    ("l ’eau", "l’eau"),
    ("n’\u00a0y aller", "n’y aller"),
    ("le plan d 'avant' la guerre", "le plan d «~avant~» la guerre"),
    ("les Roy’ amis", "les Roy’ amis"),
    ("l’ 8 mars", "l’ 8 mars"),
    # Hours without minutes.
    ("14H", "14~h"),
    ("à 14H, puis", "à 14~h, puis"),
    ("14 H", "14~h"),
    ("de 9H à 16H", "de 9~h à 16~h"),
    ("24H/24", "24~h/24"),
    ("25H", "25H"),
    ("14HP", "14HP"),
    ("H2O et 3H2", "H2O et 3H2"),
]
UNTOUCHED = [
    "12:30",
    "C:\\Users\\l'eau",
    "https://exemple.ca/a?b=50%&c='d'&e=14h30...",
    "https://exemple.ca !",
    "www.exemple.ca/l'eau",
    "exemple.ca/l'eau/14h30",
    "l'eau@exemple.ca",
    "mailto:a@b.ca",
    "tel:+14505550123",
    ":sourire: et ;-) et ;) et a != b",
    " ?page=2",
    "../... et .../",
    "rapport_14h30.pdf",
    "sous la ligne\n: rien",
]


def shown(text: str) -> str:
    return text.replace("\u00a0", "~")


@pytest.mark.parametrize(("written", "expected"), EXAMPLES)
def test_french_text_follows_the_oqlf(written: str, expected: str) -> None:
    assert shown(fix_text(written)) == expected


@pytest.mark.parametrize("text", UNTOUCHED)
def test_french_text_leaves_addresses_paths_and_signs(text: str) -> None:
    assert fix_text(text) == text


def test_technical_word_hides_nothing_but_itself() -> None:
    assert shown(fix_text("voir https://a.ca/l'x : l'eau")) == "voir https://a.ca/l'x~: l’eau"


@pytest.mark.parametrize("language", ["en", "en-ca", "EN"])
def test_english_text_gets_apostrophes_and_ellipses_only(language: str) -> None:
    written = 'It\'s "here" : 5 % at 14h30 ! Wait...'
    assert fix_text(written, language) == 'It’s "here" : 5 % at 14h30 ! Wait…'


@pytest.mark.parametrize("language", ["moh", "es", ""])
def test_other_languages_are_left_alone(language: str) -> None:
    assert fix_text("l'eau : 5 %...", language) == "l'eau : 5 %..."
    assert fix_html("<p>l'eau : 5 %... &eacute;</p>", language) == "<p>l'eau : 5 %... &eacute;</p>"


@pytest.mark.parametrize(
    "text", ['He said "hello": 50% off', "She said 'no' at 14H; why ?", "L’ amour, « so to speak »"]
)
def test_english_text_keeps_its_own_marks(text: str) -> None:
    assert fix_text(text, "en") == text


def test_lines_are_texts_of_their_own() -> None:
    assert fix_text('un "mot\nferme" ici') == 'un "mot\nferme" ici'


HTML_EXAMPLES = [
    ("<p><strong>Attention</strong> : lisez</p>", "<p><strong>Attention</strong>~: lisez</p>"),
    ("<p><strong>Attention </strong>: lisez</p>", "<p><strong>Attention~</strong>: lisez</p>"),
    ('<p><a href="/x">Lien</a>:</p>', '<p><a href="/x">Lien</a>~:</p>'),
    ("<p>«<em>oui</em>»</p>", "<p>«~<em>oui</em>~»</p>"),
    ('<p>"<em>oui</em>"</p>', "<p>«~<em>oui</em>~»</p>"),
    ("<p>l'<em>eau</em></p>", "<p>l’<em>eau</em></p>"),
    ('<p>un "mot</p><p>ferme" ici</p>', '<p>un "mot</p><p>ferme" ici</p>'),
    ('<p>un "mot<br>ferme" ici</p>', '<p>un "mot<br>ferme" ici</p>'),
    (
        "<a title=\"a : 'b'\" href=\"/x?a=l'eau\">l'eau</a>",
        '<a title="a : \'b\'" href="/x?a=l\'eau">l’eau</a>',
    ),
    ("<p>Code <code>l'x : &amp;</code> :</p>", "<p>Code <code>l'x : &amp;</code>~:</p>"),
    ("<pre>a :\n  b</pre>", "<pre>a :\n  b</pre>"),
    ("<pre><code>l'x</code></pre><p>l'x</p>", "<pre><code>l'x</code></pre><p>l’x</p>"),
    ("<p>&lt;b&gt; &amp;amp; : &nbsp;</p>", "<p>&lt;b&gt; &amp;amp;~: ~</p>"),
    ("<p>le 1er, la 1re</p>", "<p>le 1<sup>er</sup>, la 1<sup>re</sup></p>"),
    ("<p>2e, 21es, XXIe</p>", "<p>2<sup>e</sup>, 21<sup>es</sup>, XXI<sup>e</sup></p>"),
    ("<p>1<sup>er</sup> et 2<sup>e</sup></p>", "<p>1<sup>er</sup> et 2<sup>e</sup></p>"),
    ("<p>1e, Xe, 2e-3, 2ex, A2e, x<em>2e</em></p>", "<p>1e, Xe, 2e-3, 2ex, A2e, x<em>2e</em></p>"),
    ("<p><sup>2e</sup> <sub>2e</sub></p>", "<p><sup>2e</sup> <sub>2e</sub></p>"),
    ("<p>https://a.ca/2e/ et 2e</p>", "<p>https://a.ca/2e/ et 2<sup>e</sup></p>"),
    ("<p>14<strong>h</strong>30</p>", "<p>14<strong>~h</strong>~30</p>"),
]


@pytest.mark.parametrize(("written", "expected"), HTML_EXAMPLES)
def test_html_is_fixed_in_its_text_and_through_inline_tags(written: str, expected: str) -> None:
    assert shown(fix_html(written)) == expected


def test_english_html_raises_no_ordinal() -> None:
    assert fix_html("<p>it's the 2e</p>", "en") == "<p>it’s the 2e</p>"


def test_raised_ordinals_escape_the_rest() -> None:
    assert fix_html("1er &amp; &lt;2e&gt;") == "1<sup>er</sup> &amp; &lt;2<sup>e</sup>&gt;"


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("Le Pôle adopte-t-il la charte?", ["adopte-t-il"]),
        ("Qu’en pense-t-on, et que voulez-vous?", ["pense-t-on", "voulez-vous"]),
        ("Le 2e forum finira-t-elle", ["finira-t-elle"]),
        # No pronoun; too long for a phone; part of a name.
        ("La Vallée-du-Haut-Saint-Laurent", []),
        ("Anticonstitutionnellement-il", []),
        ("Sainte-Elle-sur-Mer, peut-ilot", []),
    ],
)
def test_verb_and_its_pronoun_stay_on_a_line(title: str, whole: list[str]) -> None:
    shown_title = raised_ordinals(title)
    assert re.findall('<span class="whole">([^<]*)</span>', shown_title) == whole
    assert "2<sup>e</sup>" in shown_title or "2e" not in title
    assert re.sub("<[^>]*>", "", shown_title) == title


def test_html_tokens_add_up_to_the_markup() -> None:
    markup = 'a<b title="x > y">c</b><!-- d --> < e <br>'
    tokens = list(html_tokens(markup))
    assert "".join(token.raw for token in tokens) == markup
    assert [(token.name, token.is_end) for token in tokens] == [
        ("", False),
        ("b", False),
        ("", False),
        ("b", True),
        ("!", False),
        ("", False),
        ("br", False),
    ]


MARKS = "a Zé l'eau 14h30 9 h H 000 12 1er 2e XXIe : ; ! ? % $ M$ « » “ ” ‘ 'b' l’ \" ' ’ ( ) . ... … , - /"
OTHERS = "https://a.ca/ a@b.ca C:\\x :ok: &amp; \ue000"
fragments = st.sampled_from([*MARKS.split(), *OTHERS.split(), " ", "  ", "\u00a0", "\u202f", "\n", "\t"])
texts = st.lists(fragments | st.text(max_size=3), max_size=14).map("".join)


def letters_of(text: str) -> str:
    """What the writer wrote, whatever its spaces, quotation marks, apostrophes and ellipses."""
    text = re.sub(r"[«»“”‘’']", '"', text.replace("…", "..."))
    return re.sub(r"(?<=[0-9])H", "h", re.sub(r"\s", "", text))


@given(texts)
@settings(max_examples=250)
@example("a :\u00a0: b")
@example("«\u00a0»«»")
@example("««a»'b'»")
@example("'a\"‘b’")
@example("14h30 000 000$")
def test_fixing_twice_changes_nothing_more(text: str) -> None:
    once = fix_text(text)
    assert fix_text(once) == once


@given(texts)
@settings(max_examples=250)
def test_fixing_keeps_every_word(text: str) -> None:
    fixed = fix_text(text)
    assert letters_of(fixed) == letters_of(text)
    # At most one space more for each mark, two characters less for each ellipsis.
    assert len(fixed) <= len(text) + 2 * len(re.findall(r"""[:%‰$€¢«»“”"'‘’h]""", text, re.IGNORECASE))


@given(texts)
@settings(max_examples=250)
def test_html_without_tags_is_fixed_as_text(text: str) -> None:
    line = text.replace("\n", " ")
    fixed = fix_html(html.escape(line, quote=False))
    assert html.unescape(re.sub("</?sup>", "", fixed)) == fix_text(line)


@given(st.lists(st.tuples(texts, st.sampled_from(["em", "a", "strong", ""])), max_size=6))
@settings(max_examples=250)
def test_inline_tags_change_nothing_to_the_typography(parts: list[tuple[str, str]]) -> None:
    parts = [(text.replace("\n", " "), tag) for text, tag in parts]
    markup = "".join(
        f"<{tag}>{html.escape(text, quote=False)}</{tag}>" if tag else html.escape(text, quote=False)
        for text, tag in parts
    )
    fixed = fix_html(markup)
    assert html.unescape(re.sub("</?[a-z]+>", "", fixed)) == fix_text("".join(text for text, _ in parts))
    assert fix_html(fixed) == fixed


@pytest.mark.parametrize("character", [*" a\"«!:;'&.0h", "a ", "0 ", "<a ", "000 ", "2e "])
def test_long_repetitions_take_linear_time(character: str) -> None:
    # A quadratic pattern would need minutes for these 100,000 characters.
    fix_text(character * (100_000 // len(character)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("84, 2e Avenue", "84, 2<sup>e</sup> Avenue"),
        ("Le 1er forum", "Le 1<sup>er</sup> forum"),
        ("Un théâtre du XXIe siècle", "Un théâtre du XXI<sup>e</sup> siècle"),
        ("3e <b>forum</b> & cie", "3<sup>e</sup> &lt;b&gt;forum&lt;/b&gt; &amp; cie"),
        ("https://exemple.ca/2e/", "https://exemple.ca/2e/"),
        ("", ""),
    ],
)
def test_ordinals_of_a_plain_text_are_raised_in_a_page(text, shown):
    assert ordinals(text) == shown


def test_no_template_writes_the_colon_of_one_language():
    """`{% colon %}` does, or a translated sentence: only French puts a space before it."""
    french = re.compile(
        r"(?:&nbsp;|&#160;|&#xa0;|[\u00a0\u202f ]):(?=[\s<{]|$)", re.IGNORECASE | re.MULTILINE
    )
    sources = (Path(conf.settings.BASE_DIR) / "templates").rglob("*.*")
    assert [str(path) for path in sources if french.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(("language", "shown"), [("fr", "Sceau\u00a0: x"), ("en", "Sceau: x")])
def test_colon_is_that_of_the_page(language, shown):
    with translation.override(language):
        assert Template("Sceau{% colon %} x").render(Context()) == shown
