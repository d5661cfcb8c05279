"""Form fields of the writing desk for every application, and the forms of its library."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import ProseEditorWidget

from desk.models import Document, Picture
from desk.pictures import check_described, refresh_pictures
from pole.files.kept_uploads import KeptFileField
from pole.files.stored import check_room
from pole.files.uploads import check_pdf
from pole.forms import PictureUploadField, SingleLineField, TypographyLineField
from pole.text import richtext
from pole.text.bilingual import FRENCH

EDITOR_EXTENSIONS: dict[str, Any] = {
    "Document": True,
    "Paragraph": True,
    "Text": True,
    # Buttons only: the package's drop-down list can't be opened from the keyboard.
    "Menu": {
        "groups": [
            {"group": "blockType -lists -more"},
            {"group": "lists"},
            {"group": "nodes -blockType -lists -more"},
            {"group": "marks"},
            {"group": "link"},
            {"group": "library"},
            {"group": "table"},
            {"group": "openMore"},
            {"group": "more"},
            {"group": "history"},
        ]
    },
    "Dropcursor": True,
    "Gapcursor": True,
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "Heading": {"levels": [2, 3, 4]},
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
    # Ours, from static/js/prose-pictures.js and static/js/prose/: with them the editor holds all that
    # `pole.text.richtext` allows, and understands what is pasted.
    "LibraryPicture": True,
    "InlinePicture": True,
    "CaptionedPicture": True,
    "PictureCaption": True,
    "Gallery": True,
    "Preformatted": True,
    "NoteCall": True,
    "Notes": True,
    "Note": True,
    "Paste": True,
    "More": True,
}


# Editors make a link of whatever looks like a domain: « élus.es » is inclusive French, not a site.
SELF_MADE_LINK = re.compile(r'<a\b[^>]*\bhref="http://([^"/]+)/?"[^>]*>(?!www\.)(\1)</a>', re.IGNORECASE)


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
        return refresh_pictures(richtext.clean_html(typed, language=self.language))


class PdfUploadField(KeptFileField):
    """A PDF document, checked by its content."""

    widget = forms.ClearableFileInput(attrs={"accept": "application/pdf"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            check_room(len(check_pdf(upload)))
        return upload


class PictureForm(forms.ModelForm[Picture]):
    """The description and the credit of a picture of the library."""

    class Meta:
        model = Picture
        fields = ["description", "is_decorative", "credit", "focus_x", "focus_y"]
        field_classes = {"description": TypographyLineField, "credit": SingleLineField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("focus_x", "focus_y"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        check_described(cleaned.get("description", ""), is_decorative=cleaned.get("is_decorative", False))
        for name in ("focus_x", "focus_y"):
            # Emptied, it is the middle; a form that leaves it out keeps it.
            if name in cleaned and cleaned[name] is None:
                cleaned[name] = 50 if name in self.data else getattr(self.instance, name)
        return cleaned


class NewPictureForm(forms.Form):
    """A picture sent to the library. Dropped in the editor, it is described a moment later, there."""

    file = PictureUploadField(label=_("Picture"), help_text=_("JPEG, PNG or WebP, 5 MB at most."))
    description = TypographyLineField(
        label=_("What the picture shows"), required=False, max_length=240,
        help_text=_("Read aloud to those who can’t see it."),
    )  # fmt: skip
    is_decorative = forms.BooleanField(label=_("It is decorative: it tells nothing"), required=False)
    is_described_later = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("is_described_later"):
            check_described(cleaned.get("description", ""), is_decorative=cleaned.get("is_decorative", False))
        return cleaned


class NewDocumentForm(forms.Form):
    file = PdfUploadField(label=_("PDF document"), help_text=_("20 MB at most."))
    title = TypographyLineField(
        label=_("Title of the document"), max_length=160, required=False,
        help_text=_("Empty: the name of the file."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        name = upload.name.rpartition(".")[0].replace("_", " ") if upload else ""
        cleaned["title"] = cleaned.get("title") or str(self.fields["title"].to_python(name))[:160]
        return cleaned


class DocumentForm(forms.ModelForm[Document]):
    class Meta:
        model = Document
        fields = ["title"]
        field_classes = {"title": TypographyLineField}
