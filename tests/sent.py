"""What a browser would send: the fields of a form of a page, as they were shown."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Each POST form of a page: where it goes, and its fields that are filled, ticked or chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self.fields: dict[str, list[str]] | None = None
        self.select = self.textarea = ""
        self.first_option: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.fields = {}
            if has.get("method", "").lower() == "post":
                self.forms.append((has.get("action", ""), self.fields))
        elif self.fields is not None and "disabled" not in has:
            self._read_field(tag, has, self.fields)

    def _read_field(self, tag: str, has: dict[str, str], fields: dict[str, list[str]]) -> None:
        name, value = has.get("name", ""), has.get("value", "")
        if tag == "input" and name and _is_sent(has):
            fields.setdefault(name, []).append(value or ("on" if "checked" in has else ""))
        elif tag == "select":
            self.select, self.first_option = name, None
        elif tag == "option" and self.select:
            self.first_option = value if self.first_option is None else self.first_option
            if "selected" in has:
                fields.setdefault(self.select, []).append(value)
        elif tag == "textarea":
            self.textarea = name
            fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.textarea and self.fields is not None:
            self.fields[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.fields is not None and self.select:
            if self.first_option is not None:
                self.fields.setdefault(self.select, [self.first_option])
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.fields = None


def _is_sent(has: dict[str, str]) -> bool:
    kind = has.get("type", "text")
    return "checked" in has if kind in {"checkbox", "radio"} else kind not in {"submit", "button", "file"}


def form_of(page: str, *, action: str, own: bool = False) -> dict[str, Any]:
    """The fields of the form that a page sends to `action`; `own`: a form without an address, which goes to itself."""
    parser = _Forms()
    parser.feed(page)
    found = [fields for where, fields in parser.forms if where == action or (own and not where)]
    if not found:
        raise AssertionError(f"no form of this page goes to {action}: {[where for where, _ in parser.forms]}")
    return max(found, key=len)
