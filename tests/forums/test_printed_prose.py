"""Prose as a printed document sets it: what each block is, and its words."""

import pytest

from forums.printing.prose import KINDS, blocks
from pole.text.richtext import BLOCK_TAGS


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("", []),
        ("<h2>A <em>b</em></h2><p>c<br>d &amp; e</p>", [("heading", "A b"), ("paragraph", "c\nd & e")]),
        ("<ul><li><p>a</p><p>b</p></li></ul>c", [("item", "a"), ("item", "b"), ("paragraph", "c")]),
        ('<figure><img src="/a" alt="x"><figcaption>a</figcaption></figure>', [("paragraph", "a")]),
        ("<table><tr><td>a</td><th>b</th></tr></table>", [("paragraph", "a"), ("paragraph", "b")]),
        ("<pre>a\n  b</pre>c", [("paragraph", "a\n  b"), ("paragraph", "c")]),
        (
            '<p>Mot<sup><a href="#note-1" id="appel-1">1</a></sup>.</p><ol class="notes">'
            '<li id="note-1"><p>Dit. <a href="#appel-1">↩</a></p></li></ol>',
            [("paragraph", "Mot[1]."), ("item", "[1] Dit.")],
        ),
        # An item in a quotation of an item: what closes is the innermost.
        (
            "<ul><li><blockquote><ul><li>a</li></ul><p>b</p></blockquote></li></ul><p>c</p>",
            [("item", "a"), ("item", "b"), ("paragraph", "c")],
        ),
    ],
)
def test_outermost_element_says_what_a_block_is(markup: str, read: list[tuple[str, str]]) -> None:
    assert [(block["kind"], block["text"]) for block in blocks(markup)] == read


def test_every_block_of_a_text_is_set_apart() -> None:
    """A block that is allowed later, and that would be glued to the one before, is found here."""
    holders = {"ul", "ol", "figure", "table", "thead", "tbody", "tr", "hr"}
    assert set(KINDS) == BLOCK_TAGS - holders
