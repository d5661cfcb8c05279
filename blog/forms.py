"""The forms of the writing desk for posts and pages."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from blog.models import Author, Page, Post
from blog.offered import OtherAuthorsField, offer, typed_keys
from blog.original import OriginalField
from desk.forms import PdfUploadField, RichTextField
from desk.models import Document, Picture
from desk.pictures import check_described
from pole.forms import (
    PictureUploadField,
    SingleLineField,
    TypographyLineField,
    typed_field,
)
from pole.text import plaintext
from pole.text.bilingual import ENGLISH, FRENCH
from pole.text.local_moments import LocalDateTimeField
from pole.text.slugs import check_free, unused_slug


def check_spelling(field: forms.Field, language: str) -> None:
    """The browser checks it in the language of the text."""
    field.widget.attrs |= {"lang": f"{language}-CA", "spellcheck": "true", "data-spelling": ""}


def long_line() -> forms.Textarea:
    """Of one paragraph, which shows whole however long it is."""
    return forms.Textarea(attrs={"rows": 2})


class WorkingCopyForm(forms.ModelForm):  # type: ignore[type-arg]  # of any prose
    """A form of which `working_copy` gives what goes to the draft; the other fields describe the row itself.

    To the draft go the `WORKING_FIELDS` and, of a post, also `kind`, `tags`, `authors`, `documents` and `lead_picture`.
    """

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    publish_at = LocalDateTimeField(
        label=_("Date of publication"),
        required=False,
        help_text=_("To come: the text appears by itself at that moment. Empty: as soon as you publish."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Empty: made from the title.")
        if self.instance.pk:
            draft = self.instance.draft
            self.initial |= draft.content
            self.initial["publish_at"] = self.instance.published_at
            self.fields["seen_version"].initial = draft.version
            if not draft.versions.filter(is_autosave=False).exists():
                # Begun by itself, from the first words of a title: the whole title makes the address.
                self.initial["slug"] = ""
        else:
            self.fields["seen_version"].initial = 1

    def working_copy(self) -> dict[str, Any]:
        """The working copy that was typed. Call after `is_valid`, which may have found errors.

        What is not valid stays as it was last saved.
        """
        stored = self.instance.draft.content if self.instance.pk else {}
        names = type(self.instance).WORKING_FIELDS
        return {**stored, **{name: self.cleaned_data.get(name, stored.get(name, "")) for name in names}}

    def clean_slug(self) -> str:
        typed: str = self.cleaned_data["slug"]
        others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
        title = plaintext.clean_line(self.data.get("title", ""))
        most = type(self.instance)._meta.get_field("slug").max_length - 10
        if typed:
            check_free(typed, others)
        return typed or unused_slug(title, others, fallback="texte", max_length=most)


class PostForm(WorkingCopyForm):
    body = RichTextField(label=_("Text"), required=False)
    authors = forms.ModelMultipleChoiceField(
        label=_("Signed by"),
        queryset=Author.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_authors = OtherAuthorsField(
        label=_("Other signatures"),
        required=False,
        max_length=400,
        help_text=_("Their names, separated by commas."),
    )
    new_tags = SingleLineField(
        label=_("Other tags"), required=False, max_length=200, help_text=_("Separated by commas.")
    )
    picture = PictureUploadField(
        label=_("Picture at the head of the text"),
        required=False,
        help_text=_("JPEG, PNG or WebP, 5 MB at most."),
    )
    picture_description = TypographyLineField(
        label=_("What the picture shows"),
        required=False,
        max_length=240,
        help_text=_("Read aloud to those who can’t see it."),
    )
    lead_picture = forms.ModelChoiceField(
        Picture.objects.described(),
        label=_("Picture at the head of the text"),
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _(
                "Describe this picture in the library before you put it at the head of a text."
            )
        },
    )
    picture_is_decorative = forms.BooleanField(label=_("It is decorative: it tells nothing"), required=False)
    documents = forms.ModelMultipleChoiceField(
        label=_("Documents to download"),
        queryset=Document.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    new_document = PdfUploadField(
        label=_("Attach a PDF document"), required=False, help_text=_("20 MB at most.")
    )
    new_document_title = TypographyLineField(
        label=_("Title of the document"),
        required=False,
        max_length=160,
        help_text=_("Empty: the name of the file."),
    )
    translation_of = OriginalField(label=capfirst(_("translation of")))
    removes_picture = forms.BooleanField(label=_("Take the picture away"), required=False)
    is_open = forms.BooleanField(label=_("Comments are open"), required=False, initial=True)

    class Meta:
        model = Post
        fields = ["title", "heading", "summary", "body", "kind", "language", "translation_of", "slug", "tags"]
        field_classes = dict.fromkeys(("title", "heading", "summary"), TypographyLineField)
        formfield_callback = typed_field
        widgets = {
            "title": long_line(),
            "summary": forms.Textarea(attrs={"rows": 3}),
            "tags": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("OriginalField", self.fields["translation_of"]).but = self.instance.pk
        if self.instance.pk:
            content = self.instance.draft.content
            if "authors" not in content:
                self.initial["authors"] = list(self.instance.authors.order_by("bylines__position"))
            self.initial.setdefault("lead_picture", self.instance.lead_picture_id)
            if "documents" not in content:
                self.initial["documents"] = list(self.instance.documents.all())
            self.initial["is_open"] = self.instance.thread.is_open
        pictures = Picture.objects.described() | Picture.objects.filter(
            pk=self.initial.get("lead_picture") or 0
        )
        cast("forms.ModelChoiceField[Picture]", self.fields["lead_picture"]).queryset = pictures
        # Those of this text, and those just ticked: the whole library would be a long list.
        chosen = [*self.initial.get("documents", []), *typed_keys(self.data, "documents")]
        cast(
            "forms.ModelMultipleChoiceField[Document]", self.fields["documents"]
        ).queryset = Document.objects.filter(pk__in=[getattr(row, "pk", row) for row in chosen])
        self.has_other_authors = offer(
            self.fields["authors"], [*self.initial.get("authors", []), *typed_keys(self.data, "authors")]
        )
        offer(self.fields["tags"], [*self.initial.get("tags", []), *typed_keys(self.data, "tags")])
        # The typography of the text follows the language that is chosen in this very form.
        language = self.data.get("language", self.initial.get("language", FRENCH))
        for name in ("title", "heading", "summary", "body"):
            self.fields[name].language = language  # type: ignore[attr-defined]  # of typed text
            check_spelling(self.fields[name], language)

    def working_copy(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        rows: dict[str, Any] = {
            name: [row.pk for row in cleaned[name]]
            for name in ("tags", "authors", "documents")
            if name in cleaned
        }
        if "authors" in rows:
            others = (author.pk for author in cleaned.get("other_authors", ()))
            rows["authors"] = list(dict.fromkeys([*rows["authors"], *others]))
        if "kind" in cleaned:
            rows["kind"] = cleaned["kind"]
        if "lead_picture" in cleaned:
            picture = cleaned["lead_picture"]
            rows["lead_picture"] = picture and picture.pk
        # For a new post, and for a draft older than these parts of it.
        defaults = {"tags": [], "authors": [], "lead_picture": self.instance.lead_picture_id}
        return {**defaults, **super().working_copy(), **rows}

    def clean_new_tags(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["new_tags"].split(",")]
        names = [name for name in names if name]
        if any(len(name) > 60 for name in names):
            raise ValidationError(_("A tag has at most 60 characters."))
        return names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        original = cleaned.get("translation_of")
        if original and original.language == cleaned.get("language"):
            self.add_error("translation_of", _("A translation is in another language than its original."))
        if cleaned.get("picture"):
            description, is_decorative = (
                cleaned.get("picture_description", ""),
                cleaned["picture_is_decorative"],
            )
            try:
                check_described(description, is_decorative=is_decorative)
            except ValidationError as error:
                self.add_error("picture_description", error)
        return cleaned


class PageForm(WorkingCopyForm):
    body = RichTextField(label=_("Text"), required=False)
    body_en = RichTextField(label=_("Text in English"), required=False, language=ENGLISH)

    class Meta:
        model = Page
        fields = ["title", "body", "title_en", "body_en", "slug", "position"]
        field_classes = {"title": TypographyLineField}
        formfield_callback = typed_field
        widgets = {"title": long_line()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, language in {
            "title": FRENCH,
            "body": FRENCH,
            "title_en": ENGLISH,
            "body_en": ENGLISH,
        }.items():
            check_spelling(self.fields[name], language)


class AuthorForm(forms.ModelForm[Author]):
    face = PictureUploadField(
        label=capfirst(_("portrait")),
        required=False,
        help_text=_("JPEG, PNG or WebP, 5 MB at most. Without one, the initials are shown."),
    )
    removes_portrait = forms.BooleanField(label=_("Take the portrait away"), required=False)

    class Meta:
        model = Author
        fields = ["name", "role", "role_en", "note", "note_en"]
        field_classes = {"note": TypographyLineField, "note_en": SingleLineField}
        formfield_callback = typed_field
        widgets = {"note": forms.Textarea(attrs={"rows": 3}), "note_en": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.portrait_id:
            del self.fields["removes_portrait"]
