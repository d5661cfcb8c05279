"""Documents of the public schema, drawn: every element where the schema takes it, with attributes; and what one reads of them."""

from __future__ import annotations

from random import Random
from typing import Any

from pole.text.html import walk

WORDS = (
    "l’été",
    "coop",
    "œuvre",
    "1ᵉʳ",
    "12 %",
    "a&lt;b",
    "R&amp;D",
    "عربي",
    "漢字",
    "naïve",
    "x_y",
    "**deux**",
    "élus.es",
    "💡",
    "« mot »",
    "5*3*2",
)
ADDRESSES = (
    "https://exemple.example/a?b=1&amp;c=2#d",
    "/billets/un/",
    "mailto:info@x.example",
    "tel:+14185551234",
    "?page=2",
    "#haut",
)
MARKS = ("strong", "em", "s", "sub", "sup", "code")
BLOCKS = (
    "p",
    "p",
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "blockquote",
    "pre",
    "hr",
    "img",
    "figure",
    "gallery",
    "table",
    "video",
    "words",
)


class Drawer:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.notes: list[str] = []
        self.number = 0

    def document(self) -> str:
        body = "".join(self.block(0) for _ in range(self.random.randint(1, 4)))
        notes = "".join(f'<li id="note-{key}">{self.blocks(2, 1)}</li>' for key in self.notes)
        return body + (f'<ol class="notes">{notes}</ol>' if notes else "")

    def blocks(self, depth: int, least: int = 0) -> str:
        return "".join(self.block(depth) for _ in range(self.random.randint(least, 3)))

    def block(self, depth: int) -> str:
        kind = self.random.choice(BLOCKS if depth < 2 else ("p", "h3", "pre", "img"))
        # Loose words are for items, cells and quotations: beside other blocks they get a paragraph.
        kind = "p" if kind == "words" and not depth else kind
        if kind in {"ul", "ol"}:
            return f"<{kind}{self.attributes_of_list(kind)}>{self.items(depth)}</{kind}>"
        if kind in {"p", "h2", "h3", "h4"}:
            return f"<{kind}>{self.line()}</{kind}>"
        return {
            "blockquote": self.quotation,
            "figure": self.figure,
            "gallery": lambda _depth: self.gallery(),
            "table": self.table,
            "pre": lambda _depth: self.code(),
            "hr": lambda _depth: "<hr>",
            "img": lambda _depth: self.linked(self.picture()),
            "video": lambda _depth: "<p>https://www.youtube.com/watch?v=abc123</p>",
            "words": lambda _depth: self.line(),
        }[kind](depth)

    def quotation(self, depth: int) -> str:
        return f"<blockquote>{self.words() if self.random.random() < 0.2 else self.blocks(depth + 1, 1)}</blockquote>"

    def code(self) -> str:
        code = self.line().replace(" ", "\n  ", 2)
        return f"<pre><code>{code}</code></pre>" if self.random.random() < 0.5 else f"<pre>{code}</pre>"

    def attributes_of_list(self, kind: str) -> str:
        if kind == "ul":
            return ""
        start = f' start="{self.random.randint(0, 9)}"' if self.random.random() < 0.3 else ""
        return start + (f' type="{self.random.choice("aAiI")}"' if self.random.random() < 0.3 else "")

    def items(self, depth: int) -> str:
        return "".join(
            f"<li>{self.line() if self.random.random() < 0.5 else ''}{self.blocks(depth + 1)}</li>"
            for _ in range(self.random.randint(1, 3))
        )

    def figure(self, depth: int) -> str:
        kind = self.random.choice(
            ("", ' class="figure--start"', ' class="figure--wide"', ' class="figure--video"')
        )
        content = self.linked(self.picture()) if self.random.random() < 0.7 else self.block(depth + 1)
        caption = f"<figcaption>{self.line()}</figcaption>" if self.random.random() < 0.7 else ""
        return (
            f"<figure{kind}>{caption + content if self.random.random() < 0.2 else content + caption}</figure>"
        )

    def gallery(self) -> str:
        figures = "".join(
            f"<figure>{self.linked(self.picture())}{self.random.choice(('', f'<figcaption>{self.line()}</figcaption>'))}</figure>"
            for _ in range(self.random.randint(1, 4))
        )
        return f'<figure class="figure--gallery">{figures}</figure>'

    def table(self, depth: int) -> str:
        columns = self.random.randint(1, 3)
        head = f"<thead>{self.row(columns, 'th', depth)}</thead>" if self.random.random() < 0.5 else ""
        rows = "".join(
            self.row(columns, self.random.choice(("td", "td", "th")), depth)
            for _ in range(self.random.randint(1, 3))
        )
        more = f"<tbody>{self.row(columns, 'td', depth)}</tbody>" if self.random.random() < 0.2 else ""
        return f"<table>{head}<tbody>{rows}</tbody>{more}</table>"

    def row(self, columns: int, kind: str, depth: int) -> str:
        if columns > 1 and self.random.random() < 0.2:
            others = f"<{kind}>{self.words()}</{kind}>" * (columns - 1)
            return f'<tr><{kind} rowspan="2">{self.line()}</{kind}>{others}</tr><tr>{others}</tr>'
        if columns > 1 and self.random.random() < 0.2:
            return f'<tr><{kind} colspan="{columns}">{self.line()}</{kind}></tr>'
        scope = (
            f' scope="{self.random.choice(("row", "col"))}"'
            if kind == "th" and self.random.random() < 0.5
            else ""
        )
        return f"<tr>{''.join(f'<{kind}{scope}>{self.cell(depth)}</{kind}>' for _ in range(columns))}</tr>"

    def cell(self, depth: int) -> str:
        return self.random.choice((self.words, self.line, lambda: self.blocks(depth + 2), str))()

    def line(self) -> str:
        return " ".join(self.run(0) for _ in range(self.random.randint(1, 4)))

    def run(self, depth: int) -> str:
        chance = self.random.random()
        if depth < 3 and chance < 0.35:
            mark = self.random.choice(MARKS)
            return f"<{mark}>{self.run(depth + 1)}</{mark}>"
        if depth < 3 and chance < 0.5:
            title = ' title="Un titre"' if self.random.random() < 0.3 else ""
            return f'<a href="{self.random.choice(ADDRESSES)}"{title}>{self.words()}</a>'
        if chance < 0.55:
            return f"{self.words()}<br>{self.words()}"
        if chance < 0.6:
            return self.picture()
        if chance < 0.65 and not depth:
            self.notes.append(f"k{len(self.notes)}")
            return f'{self.words()}<sup><a href="#note-{self.notes[-1]}">?</a></sup>'
        return self.words()

    def words(self) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, 4)))

    def picture(self) -> str:
        self.number += 1
        described = self.random.choice((' alt="Un verger"', ' alt="" data-decorative=""', ""))
        focus = self.random.choice(("", ' class="focus-x-0 focus-y-10"'))
        return f'<img src="/fichiers/{self.number}.webp"{described}{focus} width="90" height="60" loading="lazy" data-picture="{self.number}">'

    def linked(self, markup: str) -> str:
        return (
            f'<a href="https://exemple.example/{self.number}" title="Plus grand">{markup}</a>'
            if self.random.random() < 0.3
            else markup
        )


MARKING = {*MARKS, "a"}
COUNTED = ("hr", "br")


def read(markup: str) -> list[Any]:
    """Each word, picture and line of sanitised HTML in order, with its marks, the blocks that hold it and their attributes.

    A paragraph is no news in an item, a cell or a quotation, which always have one.
    """
    found: list[Any] = []
    blocks: list[tuple[str, ...]] = []
    marks: list[tuple[str, ...]] = []
    for name, is_end, text, attributes in walk(markup):
        own = (name, *(f"{key}={value}" for key, value in sorted(attributes.items()) if key != "rel"))
        where = tuple(block for block in blocks if block[0] not in {"p", "tbody"})
        if not name:
            found += [(word, frozenset(marks), where) for word in text.split()]
        elif name == "img":
            found.append((own, frozenset(mark for mark in marks if mark[0] == "a"), where))
        elif name in COUNTED:
            found += [] if is_end else [(name, where)]
        elif name in MARKING:
            marks = marks[:-1] if is_end else [*marks, own]
        else:
            blocks = blocks[:-1] if is_end else [*blocks, own]
            if (
                not is_end
                and name in {"p", "h2", "h3", "h4", "li", "td", "th", "tr"}
                and (name != "p" or not where)
            ):
                found.append(("begins", name, where))
    return found
