"""The fields that the writing desk offers to every room."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django_prose_editor.widgets import ProseEditorWidget

from pole import images, richtext
from pole.language import FRENCH

EDITOR_EXTENSIONS: dict[str, Any] = {
    "Document": True,
    "Paragraph": True,
    "Text": True,
    # Buttons only: the package's drop-down list can't be opened from the keyboard.
    "Menu": {
        "groups": [
            {"group": "blockType -lists"},
            {"group": "lists"},
            {"group": "nodes -blockType -lists"},
            {"group": "marks"},
            {"group": "link"},
            {"group": "table"},
            {"group": "history"},
        ]
    },
    "Dropcursor": True,
    "Gapcursor": True,
    "Bold": True,
    "Italic": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "Link": {
        "enableTarget": False,
        "autolink": False,
        "linkOnPaste": False,
        "protocols": ["https", "http", "mailto", "tel"],
    },
    "Table": True,
    "TableRow": True,
    "TableCell": True,
    "TableHeader": True,
    "HardBreak": True,
    "History": True,
}


# The editor makes a link of whatever looks like a domain: « élus.es » is inclusive French, not a site.
SELF_MADE_LINK = re.compile(r'<a\b[^>]*\bhref="https?://([^"/]+)/?"[^>]*>(?!www\.)(\1)</a>', re.IGNORECASE)


class RichTextField(forms.CharField):
    """Prose written in the rich editor: sanitised and set in its language's typography.

    Without JavaScript it is a plain text area holding HTML.
    """

    def __init__(self, *, language: str = FRENCH, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", ProseEditorWidget(preset="configurable", config={"extensions": EDITOR_EXTENSIONS})
        )
        super().__init__(**kwargs)
        self.language = language

    def clean(self, value: Any) -> str:
        typed = SELF_MADE_LINK.sub(r"\2", super().clean(value) or "")
        return richtext.clean_html(typed, language=self.language)


class PictureUploadField(forms.FileField):
    """A picture file; its clean value is a `pole.images.ReencodedImage`, or None without upload."""

    widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return upload
        return images.reencode(upload)
