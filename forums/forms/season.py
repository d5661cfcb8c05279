"""The form of a season: its name, its days, and which activities it gathers."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from forums.agenda.seasons import held_within
from forums.forms.fields import LIKELY_DAYS, CalendarDateField, set_languages
from forums.models import Forum, Season
from pole.forms import TypographyLineField, VersionedModelForm
from pole.templatetags.typography import full_date
from pole.text.slugs import check_free

MAX_OFFERED = 300


class ActivitiesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # of activities
    def label_from_instance(self, obj: Any) -> str:
        """The day, the kind and the title; that nobody reads it yet, if so."""
        parts = [str(full_date(obj.starts_at)), str(obj.get_kind_display()), obj.title]
        if not obj.is_public(timezone.now()):
            parts.append(str(Forum.Stage.DRAFT.label))
        elif obj.cancelled_at:
            parts.append(pgettext("activity", "Cancelled"))
        return " · ".join(parts)


class SeasonForm(VersionedModelForm):
    first_day = CalendarDateField(label=_("First day"), validators=LIKELY_DAYS)
    last_day = CalendarDateField(label=_("Last day"), validators=LIKELY_DAYS)
    forums = ActivitiesField(
        label=_("Activities"),
        queryset=Forum.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those of these days, whatever their kind. Visitors see them once they are announced."),
    )

    class Meta:
        model = Season
        fields = ["title", "summary", "first_day", "last_day", "slug", "forums", "title_en", "summary_en"]
        field_classes = dict.fromkeys(("title", "title_en", "summary", "summary_en"), TypographyLineField)
        widgets = dict.fromkeys(("summary", "summary_en"), forms.Textarea(attrs={"rows": 2}))
        help_texts = {
            "summary": _("One or two sentences, for lists and search engines."),
            "slug": _("Empty: made from the title. Changing it breaks the links of others."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        set_languages(self.fields)
        offered = cast("forms.ModelMultipleChoiceField[Forum]", self.fields["forums"])
        offered.queryset = self._offered()
        if not self.instance.pk:
            # Which activities there are depends on days that nobody has given yet.
            del self.fields["forums"]

    def _offered(self) -> Any:
        """Those of its days, as stored and as typed, and those that it has already."""
        days = [(self.instance.first_day, self.instance.last_day)]
        if self.is_bound:
            days.append(
                (self._typed_day("first_day") or days[0][0], self._typed_day("last_day") or days[0][1])
            )
        known: set[int] = set()
        if self.instance.pk:
            known.update(self.instance.forums.values_list("pk", flat=True))
        for first, last in days:
            if first and last and first <= last:
                known.update(held_within(first, last).values_list("pk", flat=True)[:MAX_OFFERED])
        return (
            Forum.objects.filter(pk__in=known)
            .defer("document", "body", "body_en")
            .order_by("starts_at", "id")
        )

    def _typed_day(self, name: str) -> date | None:
        try:
            day: date | None = self.fields[name].clean(self.data.get(self.add_prefix(name)))
        except forms.ValidationError:
            return None
        return day

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        check_free(slug, Season.objects.exclude(pk=self.instance.pk))
        return slug
