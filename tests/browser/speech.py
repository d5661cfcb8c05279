"""A page as a screen reader says it in French: what Chromium's accessibility tree holds, in its order.

One line for a sentence, a title or a control; landmarks and lists indent what they hold. What changes from a run to
another (dates, hours, codes, tokens) is replaced by a word between ‹ and ›.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import expect

from tests.browser.soon import await_editors

LANDMARKS = {
    "banner": "en-tête", "navigation": "navigation", "main": "contenu principal", "contentinfo": "pied de page",
    "complementary": "complément", "search": "recherche", "form": "formulaire", "region": "région", "article": "article",
    "alert": "alerte", "status": "annonce", "log": "journal", "dialog": "dialogue", "group": "groupe", "radiogroup": "groupe de choix",
    "list": "liste", "table": "tableau", "row": "rangée", "blockquote": "citation", "figure": "figure",
    "Details": "détails", "DescriptionList": "liste de définitions",
}  # fmt: skip
CONTROLS = {
    "button": "bouton", "textbox": "champ de saisie", "searchbox": "champ de recherche", "checkbox": "case à cocher",
    "radio": "bouton radio", "combobox": "liste déroulante", "listbox": "liste de choix", "spinbutton": "champ numérique",
    "DisclosureTriangle": "bouton dépliant", "DisclosureTriangleGrouped": "bouton dépliant", "switch": "bascule",
    "slider": "curseur", "progressbar": "progression", "meter": "jauge", "Date": "champ de date", "DateTime": "champ de date et d’heure",
    "InputTime": "champ d’heure", "ColorWell": "choix de couleur", "toolbar": "barre d’outils", "tab": "onglet",
}  # fmt: skip
# Said inside their sentence.
INLINE = {"link": "lien", "image": "image", "img": "image", "graphics-document": "image"}
# Each is a sentence of its own.
BLOCKS = {
    "paragraph", "listitem", "cell", "gridcell", "term", "definition", "LabelText", "Legend", "Figcaption", "caption",
    "DescriptionListTerm", "DescriptionListDetail", "columnheader", "rowheader", "separator",
}  # fmt: skip
SILENT = {"InlineTextBox", "LineBreak", "ListMarker", "MenuListPopup", "option", "menuitem"}
LABELS = {"LabelText", "Legend"}
HEADS = {"columnheader": "en-tête de colonne", "rowheader": "en-tête de rangée"}
STATES = {
    "checked": {"true": "coché", "false": "non coché", "mixed": "coché en partie"},
    "pressed": {"true": "enfoncé", "false": "non enfoncé", "mixed": "enfoncé en partie"},
    "expanded": {"true": "déplié", "false": "replié"},
    "required": {"true": "requis"},
    "invalid": {"true": "invalide"},
    "disabled": {"true": "indisponible"},
    "readonly": {"true": "en lecture seule"},
    "selected": {"true": "sélectionné"},
    "focused": {"true": "a le focus"},
    "busy": {"true": "occupé"},
}  # fmt: skip

_DAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+)?(?:1er|\d{1,2})"
_MONTH = r"\s+(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"
_DATE = rf"{_DAY}{_MONTH}(?:\s+\d{{4}})?"
_HOUR = r"\d{1,2}\s+h(?:\s+\d{2})?"
# An event that ends after midnight is said otherwise than in the morning: a moment is masked whole.
MASKED = [
    (re.compile(rf"\bdu {_DAY}(?:{_MONTH})?(?:\s+\d{{4}})? au {_DATE}", re.IGNORECASE), "‹moment›"),
    (re.compile(rf"\ble {_DATE}(?:,? (?:de|à) {_HOUR}(?: à {_HOUR})?)?", re.IGNORECASE), "‹moment›"),
    (re.compile(rf"\b{_DATE}", re.IGNORECASE), "‹date›"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?"), "‹date›"),
    (re.compile(rf"\b{_HOUR}\b"), "‹heure›"),
    (re.compile(r"\b(?:il y a|dans|depuis)\s+\d+\s+(?:secondes?|minutes?|heures?|jours?)"), "‹durée›"),
    (re.compile(r"\b(?:aujourd’hui|demain|hier)\b", re.IGNORECASE), "‹jour›"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "‹empreinte›"),
    (re.compile(r"\b(?:[A-Z0-9]{4,5}[-\s]){2,}[A-Z0-9]{2,5}\b"), "‹code›"),
    (re.compile(r"\b\d{4}-\d{4}\b"), "‹code›"),
    (re.compile(r"https?://[^\s/]+"), "‹site›"),
    (re.compile(r"localhost:\d+"), "‹site›"),
    (re.compile(r"\b20\d\d\b"), "‹année›"),
]  # fmt: skip


def masked(text: str) -> str:
    for pattern, word in MASKED:
        text = pattern.sub(word, text)
    return text


class Reader:
    """Says pages one after the other; `text` is all that was said."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []

    def say(self, page: Any, what: str, *, whole: bool = False) -> None:
        """What `page` says once the person has done `what`: its title and its content, or all of it."""
        page.wait_for_load_state()
        page.locator("main").wait_for()
        await_editors(page)
        # What is said once the page is there.
        expect(page.locator("[data-said]:empty + [data-to-say]")).to_have_count(0)
        session = page.context.new_cdp_session(page)
        try:
            nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        finally:
            session.detach()
        tree = {node["nodeId"]: node for node in nodes}
        root = nodes[0]
        if not whole:
            root = next((node for node in nodes if _role(node) == "main" and not node.get("ignored")), root)
        said = [f"« {page.title()} »", *_sentences(_walk(tree, root, 0))]
        self.lines += ["", f"# {what}", "", *(masked(line) for line in said)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip() + "\n"


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: dict[str, Any]) -> str:
    return " ".join(str(node.get("name", {}).get("value", "")).split())


def _states(node: dict[str, Any]) -> list[str]:
    held = {each["name"]: str(each["value"].get("value", "")).lower() for each in node.get("properties", [])}
    return [words[held[name]] for name, words in STATES.items() if held.get(name) in words]


def _control(node: dict[str, Any], word: str) -> str:
    value = " ".join(str(node.get("value", {}).get("value", "")).split())
    said = [word, _name(node), *_states(node), f"« {value} »" if value else ""]
    said.append(" ".join(str(node.get("description", {}).get("value", "")).split()))
    return ", ".join(part for part in said if part)


def _children(tree: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    return [tree[key] for key in node.get("childIds", []) if key in tree]


def _links_of(tree: dict[str, Any], node: dict[str, Any]) -> bool:
    return any(_role(child) == "link" or _links_of(tree, child) for child in _children(tree, node))


# What is said: its indentation and its words; None between two sentences.
type Said = tuple[int, str] | None


def _walk(tree: dict[str, Any], node: dict[str, Any], depth: int) -> Iterator[Said]:
    role, is_ignored = _role(node), bool(node.get("ignored"))
    if role in SILENT:
        return
    if not is_ignored and (whole := _said_whole(tree, node)):
        yield from ((depth, whole),) if role in {"StaticText", *INLINE} else (None, (depth, whole), None)
        return
    is_landmark, is_block = not is_ignored and role in LANDMARKS, not is_ignored and role in BLOCKS
    if is_landmark:
        yield from (None, (depth, _landmark(tree, node)), None)
        depth += 1
    if is_block:
        yield None
        if role in HEADS:
            yield depth, f"{HEADS[role]},"
    is_label = not is_ignored and role in LABELS
    for child in _children(tree, node):
        # The control says its own label.
        if not (is_label and _role(child) == "StaticText"):
            yield from _walk(tree, child, depth)
    if is_block or is_landmark:
        yield None


def _said_whole(tree: dict[str, Any], node: dict[str, Any]) -> str:
    """What says all of what it holds: words, a link, a title, a control; nothing for the rest."""
    role = _role(node)
    if role == "StaticText":
        return _name(node)
    if role in INLINE:
        return f"[{INLINE[role]}\u00a0: {', '.join([_name(node), *_states(node)])}]"
    if role in CONTROLS:
        return _control(node, CONTROLS[role])
    if role == "heading":
        level = next(str(each["value"]["value"]) for each in node["properties"] if each["name"] == "level")
        word = f"titre de niveau {level}{', lien' if _links_of(tree, node) else ''}"
        return ", ".join([word, _name(node), *_states(node)])
    return ""


def _landmark(tree: dict[str, Any], node: dict[str, Any]) -> str:
    items = sum(_role(child) == "listitem" for child in _children(tree, node))
    word = f"liste de {items}" if _role(node) == "list" else LANDMARKS[_role(node)]
    return ", ".join(filter(None, [word, _name(node), *_states(node)]))


def _sentences(said: Iterator[Said]) -> Iterator[str]:
    """The lines: words that follow one another in one sentence stand together."""
    depth, words = 0, []
    for each in [*said, None]:
        if each is None:
            if line := re.sub(r" ([,.])", r"\1", " ".join(filter(None, words))):
                yield "  " * depth + line
            words = []
        else:
            if not words:
                depth = each[0]
            words.append(each[1])
