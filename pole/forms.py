"""The renderer and fields of the portal's forms, and a model form with optimistic concurrency."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models.fields.files import FieldFile
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pole.access import SignedToken
from pole.files import images
from pole.files.kept_uploads import KeptFileField
from pole.files.stored import check_room, delete_at_commit
from pole.text import matching, plaintext, typography, widgets
from pole.text.bilingual import FRENCH
from pole.text.dates import date_in_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MIN_WRITING_SECONDS = 2


class DaysBetween:
    """Refuses a day before `first` or after `last`, in words, since Django's own would show them in figures."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last

    def __call__(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise ValidationError(
                _("Choose a date between %(first)s and %(last)s."),
                params={"first": date_in_words(self.first), "last": date_in_words(self.last)},
                code="day",
            )


class PortalBoundField(forms.BoundField):
    """Says which field was left empty, by its label, where the form has no better words for it."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = _left_empty(field)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Browsers say of a box that must be ticked that it is invalid, before anyone could tick it."""
        built = super().build_widget_attrs(attrs, widget)
        kind = getattr(widget or self.field.widget, "input_type", "")
        if kind in {"checkbox", "radio"} and built.get("required"):
            built.setdefault("aria-invalid", "false")
        return built


def _left_empty(field: forms.Field) -> StrOrPromise:
    if isinstance(field, forms.BooleanField):
        return _("Tick this box to go on.")
    label = plaintext.bare_label(field.label)
    if not label:
        return field.error_messages["required"]
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return format_lazy(_("Choose an answer: “{label}”."), label=label)
    return format_lazy(_("Fill in the field “{label}”."), label=label)


class PortalFormRenderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = PortalBoundField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """A field of Django’s as its template would write it, and what else there is by its template."""
        widget = context.get("widget")
        if widget and (written := widgets.writer_of(template_name, widget)):
            return written(widget)
        return super().render(template_name, context, request)


def with_changed_value(data: Mapping[str, Any], name: str, value: str) -> QueryDict:
    """A copy of posted data with one value changed: for a form to be shown again."""
    changed = cast("QueryDict", data).copy()
    changed[name] = value
    return changed


class HoneypotForm(forms.Form):
    """Refuses the robots that fill every field: people don't see this one (`components/honeypot.html`)."""

    subject = forms.CharField(required=False, widget=forms.HiddenInput)
    robot_message = _("Leave the hidden field empty, then send the form again.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("subject"):
            raise ValidationError(self.robot_message)
        return cleaned


class TimedForm(HoneypotForm):
    """Refuses the robots that answer too fast too, and gives a double click one `idempotency_key`."""

    shown = forms.CharField(widget=forms.HiddenInput)
    robot_message = _("That was very fast. Wait a moment, then send it again.")
    token: ClassVar[SignedToken]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = self.new_form_token

    @classmethod
    def new_form_token(cls) -> str:
        """A new idempotency key and the time (Unix, in seconds), signed together."""
        return cls.token.make(uuid.uuid4().hex, int(time.time()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        held = self.token.read(cleaned.get("shown", ""))
        if not held:
            self.data = with_changed_value(self.data, "shown", self.new_form_token())
            raise ValidationError(_("This form has expired. Your text is kept: send it again."))
        if time.time() - held[1] < MIN_WRITING_SECONDS:
            raise ValidationError(self.robot_message)
        cleaned["idempotency_key"] = uuid.UUID(held[0])
        return cleaned


class SingleLineField(forms.CharField):
    """One line of text, without invisible characters; in the typography of `language`, if there is one."""

    language = ""

    def __init__(self, *, language: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if language:
            self.language = language
            self.widget.attrs["lang"] = language

    def clean_text(self, text: str) -> str:
        return plaintext.clean_line(text)

    def to_python(self, value: Any) -> str:
        """Its length is checked after that; typography, which makes "…" of "...", makes no text shorter than a third."""
        text = self.clean_text(super().to_python(value) or "")
        is_refused = self.max_length is not None and len(text) > 3 * self.max_length
        return typography.fix_text(text, self.language) if self.language and not is_refused else text


class SearchedTextField(SingleLineField):
    """What is looked for in a list: too long a text is cut, since a form that refused it would show the whole list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=matching.MAX_TYPED, **kwargs)

    def clean_text(self, text: str) -> str:
        return matching.typed_text(text)


class ParagraphsField(SingleLineField):
    """Lines of plain text, without invisible characters."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean_text(self, text: str) -> str:
        return plaintext.clean_paragraphs(text)


class TypographyLineField(SingleLineField):
    language = FRENCH


class TypographyTextField(ParagraphsField):
    language = FRENCH


class EmailAddressField(forms.EmailField):
    """An address, without invisible characters; in lower case, unless it is shown to visitors as it was typed."""

    def __init__(self, *, lowers: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lowers = lowers

    def to_python(self, value: Any) -> str:
        text = plaintext.clean_line(super().to_python(value) or "")
        return text.lower() if self.lowers else text


def typed_field(column: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """For the `formfield_callback` of a model form: the field of a column that people type in."""
    if type(column) is models.CharField and not column.choices:
        options = {"form_class": SingleLineField, **options}
    elif type(column) is models.EmailField:
        options = {"form_class": EmailAddressField, "lowers": False, **options}
    return column.formfield(**options)


class PictureUploadField(KeptFileField):
    """A picture file; its clean value is a `pole.files.images.ReencodedImage`, or None without upload."""

    widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return upload
        image = self.reencoded(upload)
        # It, and its narrower renditions.
        check_room(2 * len(image.content))
        return image

    def reencoded(self, upload: Any) -> images.ReencodedImage:
        return images.reencode(upload)


class LogoField(PictureUploadField):
    """A picture that a model keeps in a file of its own: the clean value is that file, "" or None."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        image = super().clean(data, initial)
        return image.as_file() if isinstance(image, images.ReencodedImage) else image


class SocialPictureField(LogoField):
    """A picture cut to what networks show of a link, never enlarged."""

    def reencoded(self, upload: Any) -> images.ReencodedImage:
        return images.cut(super().reencoded(upload), *images.SHARED_SIZE_PX)


class HomePictureField(LogoField):
    """A picture cut to what the top of the home page shows, never enlarged."""

    def reencoded(self, upload: Any) -> images.ReencodedImage:
        return images.cut(super().reencoded(upload), *images.HOME_SIZE_PX)


class PartnerLogoField(LogoField):
    """A picture no larger than the foot of pages shows it, on a dense screen."""

    def reencoded(self, upload: Any) -> images.ReencodedImage:
        return images.fitted(super().reencoded(upload), *images.PARTNER_SIZE_PX)


class VersionedModelForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model with a version
    """Optimistic concurrency: refuses to save over a `version` of the row that the person has not seen.

    Call `is_valid` and `save` in one transaction, with the row locked (`select_for_update`).
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_version: int = getattr(self.instance, "version", 1)
        self.fields["version"].initial = self.stored_version
        self.is_conflict = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("version")
        if seen is not None and seen != self.stored_version:
            self.is_conflict = True
            # What was typed stays in the form; saving once more, knowingly, replaces the other text.
            self.data = with_changed_value(self.data, self.add_prefix("version"), str(self.stored_version))
            self.add_error(
                None,
                _(
                    "Someone else saved this page while you were writing. Your text is kept below:"
                    " compare it with what is stored, then save again."
                ),
            )
        return cleaned

    def save(self, commit: bool = True) -> Any:
        self.instance.version = self.stored_version + 1 if self.instance.pk else 1
        saved = super().save(commit)
        for name, former in self.initial.items():
            if isinstance(former, FieldFile) and former.name and former != getattr(saved, name):
                delete_at_commit([former.name])
        return saved
