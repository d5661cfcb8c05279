"""Forms of recommendations: proposing, reviewing, merging, filtering."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from forums.models import Forum, Recommendation, Track
from forums.recommendations.editing import RecommendationContent
from pole.access import SignedToken
from pole.forms import SingleLineField, TimedForm, TypographyLineField, TypographyTextField
from pole.text.bilingual import ENGLISH, FRENCH

TITLE_LENGTH, DESCRIPTION_LENGTH, REASON_LENGTH = 160, 2000, 400


class TrackField(forms.ModelChoiceField):  # type: ignore[type-arg]  # of tracks
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_title)


class RecommendationForm(forms.Form):
    """The content of a recommendation of one forum, in French."""

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
    title = TypographyLineField(
        label=_("Short title"),
        max_length=TITLE_LENGTH,
        language=FRENCH,
        help_text=_("One sentence that can be read on a ballot."),
        error_messages={"required": _("Give your recommendation a title.")},
    )
    description = TypographyTextField(
        label=_("Description"), max_length=DESCRIPTION_LENGTH, required=False, language=FRENCH
    )

    def __init__(self, *args: Any, forum: Forum, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forum = forum
        self.fields["track"].queryset = forum.tracks.all()  # type: ignore[attr-defined]  # a ModelChoiceField
        if not forum.tracks.all():
            del self.fields["track"]

    def content(self) -> RecommendationContent:
        """Of a valid form."""
        data = self.cleaned_data
        return RecommendationContent(
            kind=data["kind"],
            track=data.get("track"),
            title=data["title"],
            description=data["description"],
            title_en=data.get("title_en", ""),
            description_en=data.get("description_en", ""),
        )


class BilingualRecommendationForm(RecommendationForm):
    title_en = TypographyLineField(
        label=_("Title in English"), max_length=TITLE_LENGTH, required=False, language=ENGLISH
    )
    description_en = TypographyTextField(
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


class ProposalForm(TimedForm, RecommendationForm):
    """A proposal, whose author chooses under what name it is shown."""

    token = SignedToken("recommendation", (str, int), timedelta(days=1))
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
    # Ids shown as similar: sending the form again with them means that this one is different.
    compared = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own_name = person.name if person else _("My name")
        self.person = person
        self.fields["signed"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (self.NAMED, own_name),
            (self.FOR_ORGANISATION, _("My organisation")),
            (self.UNNAMED, _("No name")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
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
    def typed_values(self) -> dict[str, str]:
        """The raw values, each truncated, to fill the form again after signing in."""
        names = ("kind", "track", "title", "description", "signed", "organisation")
        return {name: self.data.get(name, "")[: 2 * DESCRIPTION_LENGTH] for name in names}


class RevisionForm(BilingualRecommendationForm):
    """The author changes what nobody has reviewed yet."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReviewForm(BilingualRecommendationForm):
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


class MergeForm(BilingualRecommendationForm):
    """The joint content of several that are merged."""


class TableBoardForm(RecommendationForm):
    """A recommendation typed on the tables' board."""

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
    reason = TypographyLineField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        language=FRENCH,
        help_text=_("Its author and the public will read it."),
        error_messages={"required": _("Say why the recommendation is refused.")},
    )


ALL = pgettext_lazy("tracks and kinds", "All")


class RecommendationFilter(forms.Form):
    """Filters of a list; unknown values are ignored."""

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

    axe = forms.ChoiceField(label=_("Track"), required=False)
    type = forms.ChoiceField(
        label=pgettext_lazy("recommendation", "Kind"),
        required=False,
        choices=[
            ("", ALL),
            ("enjeux", _("Issues")),
            ("opportunites", _("Opportunities")),
        ],
    )

    def __init__(self, *args: Any, forum: Forum, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filtre_%s")
        super().__init__(*args, **kwargs)
        tracks = [(track.pk, track.shown_title) for track in forum.tracks.all()]
        if tracks:
            self.fields["axe"].choices = [("", ALL), *tracks]  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["axe"]
