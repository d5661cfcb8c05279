"""Prose as a printed document sets it: what each block is, and its words."""

import pytest

from forums.printing.prose import blocks


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("", []),
        ("<h2>A <em>b</em></h2><p>c<br>d &amp; e</p>", [("heading", "A b"), ("paragraph", "c\nd & e")]),
        ("<ul><li><p>a</p><p>b</p></li></ul>c", [("item", "a"), ("item", "b"), ("paragraph", "c")]),
        ('<figure><img src="/a" alt="x"><figcaption>a</figcaption></figure>', [("paragraph", "a")]),
        # An item in a quotation of an item: what closes is the innermost.
        (
            "<ul><li><blockquote><ul><li>a</li></ul><p>b</p></blockquote></li></ul><p>c</p>",
            [("item", "a"), ("item", "b"), ("paragraph", "c")],
        ),
    ],
)
def test_outermost_element_says_what_a_block_is(markup: str, read: list[tuple[str, str]]) -> None:
    assert [(block["kind"], block["text"]) for block in blocks(markup)] == read
