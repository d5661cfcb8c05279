"""What people and the team type about recommendations."""

from __future__ import annotations

import time
import uuid
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from forums.models import Forum, Recommendation, Track
from forums.recommendations.editing import Words
from pole.forms import SingleLineField, with_changed_value
from pole.text import plaintext, typography
from pole.text.bilingual import ENGLISH, FRENCH

MINIMUM_SECONDS = 2
SALT = "recommendation"
TITLE_LENGTH, DESCRIPTION_LENGTH, REASON_LENGTH = 160, 2000, 400


def new_token() -> str:
    """A signed submission number with the moment when it was given."""
    return signing.dumps([uuid.uuid4().hex, int(time.time())], salt=SALT)


class SaidLine(SingleLineField):
    """One line in good typography; its length is that of what will be stored."""

    def __init__(self, *, language: str = FRENCH, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language = language
        self.widget.attrs.setdefault("lang", language)

    def to_python(self, value: Any) -> str:
        return typography.fix_text(super().to_python(value), self.language)


class SaidText(forms.CharField):
    """Paragraphs of plain text in good typography."""

    def __init__(self, *, language: str = FRENCH, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "lang": language}), **kwargs)
        self.language = language

    def to_python(self, value: Any) -> str:
        text = plaintext.clean_paragraphs(super().to_python(value) or "")
        return typography.fix_text(text, self.language)


class TrackField(forms.ModelChoiceField):  # type: ignore[type-arg]  # of tracks
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_title)


class WordsForm(forms.Form):
    """The words of a recommendation of one forum, in French."""

    kind = forms.ChoiceField(
        label=_("It is"),
        choices=[
            (Recommendation.Kind.ISSUE, _("an issue: what is missing, or stands in the way")),
            (Recommendation.Kind.OPPORTUNITY, _("an opportunity: what we could do together")),
        ],
        widget=forms.RadioSelect,
        initial=Recommendation.Kind.OPPORTUNITY,
        error_messages={"required": _("Say whether it is an issue or an opportunity.")},
    )
    track = TrackField(
        label=_("Track"), queryset=Track.objects.none(), required=False, empty_label=_("None in particular")
    )
    title = SaidLine(
        label=_("Short title"),
        max_length=TITLE_LENGTH,
        help_text=_("One sentence that can be read on a ballot."),
        error_messages={"required": _("Give your recommendation a title.")},
    )
    description = SaidText(label=_("Description"), max_length=DESCRIPTION_LENGTH, required=False)

    def __init__(self, *args: Any, forum: Forum, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forum = forum
        self.fields["track"].queryset = forum.tracks.all()  # type: ignore[attr-defined]  # a ModelChoiceField
        if not forum.tracks.all():
            del self.fields["track"]

    def words(self) -> Words:
        """Of a valid form."""
        said = self.cleaned_data
        return Words(
            kind=said["kind"],
            track=said.get("track"),
            title=said["title"],
            description=said["description"],
            title_en=said.get("title_en", ""),
            description_en=said.get("description_en", ""),
        )


class BilingualWordsForm(WordsForm):
    title_en = SaidLine(
        label=_("Title in English"), max_length=TITLE_LENGTH, required=False, language=ENGLISH
    )
    description_en = SaidText(
        label=_("Description in English"), max_length=DESCRIPTION_LENGTH, required=False, language=ENGLISH
    )

    def french_fields(self) -> list[forms.BoundField]:
        return [
            field
            for field in self.visible_fields()
            if field.name in {"kind", "track", "title", "description"}
        ]

    def english_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name.endswith("_en")]

    def has_english(self) -> bool:
        return any(field.value() or field.errors for field in self.english_fields())

    @staticmethod
    def initial_of(recommendation: Recommendation) -> dict[str, Any]:
        return {
            **recommendation.texts(),
            "kind": recommendation.kind,
            "track": recommendation.track_id,
            "author_name": recommendation.author_name,
            "table_number": recommendation.table_number,
            "version": recommendation.version,
        }


class ProposalForm(WordsForm):
    """A proposal by whoever is signed in, who chooses under what name it is shown.

    `shown` is signed and holds when the form was shown and its submission number: a machine answers too
    fast, and a double click sends the same number twice.
    """

    NAMED, FOR_ORGANISATION, UNNAMED = "me", "organisation", "nobody"

    signed = forms.ChoiceField(
        label=_("Shown under"), widget=forms.RadioSelect, initial=UNNAMED,
        error_messages={"required": _("Choose under what name it is shown.")},
    )  # fmt: skip
    organisation = SingleLineField(
        label=_("Name of the organisation"),
        max_length=140,
        required=False,
        help_text=_("If you propose it in its name."),
    )
    shown = forms.CharField(widget=forms.HiddenInput)
    # What was shown as resembling, so that sending again means: mine is another.
    compared = forms.CharField(widget=forms.HiddenInput, required=False)
    # Left empty by people, who don't see it.
    subject = forms.CharField(required=False)

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = person.name if person else _("My name")
        self.person = person
        self.fields["signed"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (self.NAMED, mine),
            (self.FOR_ORGANISATION, _("My organisation")),
            (self.UNNAMED, _("No name")),
        ]
        self.fields["shown"].initial = new_token

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            number, shown_at = signing.loads(cleaned.get("shown", ""), salt=SALT, max_age=86400)
        except signing.BadSignature as error:
            self.data = with_changed_value(self.data, "shown", new_token())
            raise ValidationError(_("This form has expired. Your text is kept: send it again.")) from error
        if cleaned.get("subject") or time.time() - shown_at < MINIMUM_SECONDS:
            raise ValidationError(_("That was very fast. Wait a moment, then send it again."))
        cleaned["submission"] = uuid.UUID(number)
        if cleaned.get("signed") == self.FOR_ORGANISATION and not cleaned.get("organisation"):
            self.add_error("organisation", _("Give the name of the organisation."))
        return cleaned

    def signature(self) -> dict[str, Any]:
        """Of a valid form: the name shown, and whether it is the person's own."""
        signed = self.cleaned_data["signed"]
        if signed == self.NAMED and self.person and self.person.name:
            return {"author_name": self.person.name, "is_person_named": True}
        name = self.cleaned_data["organisation"] if signed == self.FOR_ORGANISATION else ""
        return {"author_name": name, "is_person_named": False}

    @property
    def kept(self) -> dict[str, str]:
        """What was typed, as it was typed, within reason: to be shown again after signing in."""
        names = ("kind", "track", "title", "description", "signed", "organisation")
        return {name: self.data.get(name, "")[: 2 * DESCRIPTION_LENGTH] for name in names}


class RevisionForm(BilingualWordsForm):
    """The author changes what nobody has reviewed yet."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReviewForm(BilingualWordsForm):
    """The team changes anything."""

    author_name = SingleLineField(
        label=_("Author, as shown"),
        max_length=140,
        required=False,
        help_text=_("Someone who agreed to be named, or an organisation. Empty: nobody is named."),
    )
    table_number = forms.IntegerField(label=_("Table"), min_value=1, max_value=999, required=False)
    withholds_before = forms.BooleanField(
        label=_("Don’t show readers the words that you replace (an insult, someone’s private life)"),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def signature(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("author_name", "table_number")}


class JoinForm(BilingualWordsForm):
    """The joint words of several that become one."""


class RoomForm(WordsForm):
    """What the room board takes, table after table."""

    table_number = forms.IntegerField(
        label=_("Table"),
        min_value=1,
        max_value=999,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Recommendation.Kind.choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["kind"].label = pgettext_lazy("recommendation", "Kind")
        self.fields["title"].help_text = ""
        self.fields["title"].widget.attrs["autocomplete"] = "off"
        self.fields["description"].widget.attrs["rows"] = 3


class RefusalForm(forms.Form):
    reason = SaidLine(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        help_text=_("Its author and the public will read it."),
        error_messages={"required": _("Say why the recommendation is refused.")},
    )


class ListFilter(forms.Form):
    """What readers or the team ask of a list; anything unknown counts as nothing."""

    STATES: ClassVar[dict[str, str]] = {
        "acceptees": Recommendation.State.ACCEPTED,
        "regroupees": Recommendation.State.MERGED,
        "refusees": Recommendation.State.REFUSED,
        "en-attente": Recommendation.State.PROPOSED,
    }
    KINDS: ClassVar[dict[str, str]] = {
        "enjeux": Recommendation.Kind.ISSUE,
        "opportunites": Recommendation.Kind.OPPORTUNITY,
    }

    axe = TrackField(
        label=_("Track"),
        queryset=Track.objects.none(),
        required=False,
        empty_label=pgettext_lazy("tracks and kinds", "All"),
    )
    type = forms.ChoiceField(
        label=pgettext_lazy("recommendation", "Kind"),
        required=False,
        choices=[
            ("", pgettext_lazy("tracks and kinds", "All")),
            ("enjeux", _("Issues")),
            ("opportunites", _("Opportunities")),
        ],
    )

    def __init__(self, *args: Any, forum: Forum, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filtre_%s")
        super().__init__(*args, **kwargs)
        self.fields["axe"].queryset = forum.tracks.all()  # type: ignore[attr-defined]  # a ModelChoiceField
        if not forum.tracks.all():
            del self.fields["axe"]
