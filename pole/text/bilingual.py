"""Texts that exist in French and, perhaps, in English.

French is the reference: the English column may be empty, and the French is then shown, marked with
its language so that a screen reader pronounces it right.
"""

from __future__ import annotations

from typing import Any, overload

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from pole.text.markup import Markup

FRENCH, ENGLISH = "fr", "en"
_LANG = Markup(' lang="{language}"')


class LocalizedText(str):
    """A text in the language of the page, or in French for want of it; `language` is the one it is written in."""

    language: str
    __slots__ = ("language",)

    def __new__(cls, text: str, language: str) -> LocalizedText:
        localized = super().__new__(cls, text)
        localized.language = language
        return localized

    @property
    def lang_attr(self) -> SafeString:
        """` lang="fr"` when the text is not in the language of the page, else nothing."""
        if not self or self.language == current_language():
            return SafeString("")
        return _LANG(language=self.language)


class LocalizedHtml(LocalizedText):
    """A `LocalizedText` holding HTML that `richtext.clean_html` has sanitised before it was stored."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        return mark_safe(str(self))  # noqa: S308 - sanitised when it was saved


class LocalizedField:
    """Descriptor: `shown_title = LocalizedField("title")` reads `title` or `title_en`."""

    def __init__(self, field: str, *, html: bool = False) -> None:
        self.field = field
        self.kind = LocalizedHtml if html else LocalizedText

    @overload
    def __get__(self, instance: None, owner: type) -> LocalizedField: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> LocalizedText: ...
    def __get__(self, instance: Any, owner: type) -> LocalizedText | LocalizedField:
        if instance is None:
            return self
        if current_language() == ENGLISH and (english := getattr(instance, f"{self.field}_en")):
            return self.kind(english, ENGLISH)
        return self.kind(getattr(instance, self.field), FRENCH)


def localized(french: str, english: str) -> LocalizedText:
    """What `LocalizedField` reads, of two texts."""
    if english and current_language() == ENGLISH:
        return LocalizedText(english, ENGLISH)
    return LocalizedText(french, FRENCH)


def current_language() -> str:
    """The language of the page being made: "fr" or "en"."""
    return ENGLISH if (get_language() or FRENCH).startswith(ENGLISH) else FRENCH
