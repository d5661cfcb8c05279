"""Lists of lines edited on one page: tracks, programme, priorities.

What is posted is the whole list. A line left empty is left out, and a line ticked "remove" too; the
order is that of the position numbers, which a small script renumbers when there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME, BaseFormSet, formset_factory
from django.forms.utils import ErrorDict, ErrorList
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from forums.forms.fields import set_languages

# Added by the formset: the position of a line, and whether to remove it.
FORMSET_FIELDS = frozenset({ORDERING_FIELD_NAME, DELETION_FIELD_NAME})


class Forgivable:
    """A form that may be shown again before it is complete."""

    _errors: ErrorDict | None

    def forgive(self) -> None:
        """Says nothing of what lacks."""
        self._errors = ErrorDict()


class RowForm(Forgivable, forms.Form):
    """A line. It is empty when its visible fields are, whatever its hidden fields and its position."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_languages(self.fields)

    def french_fields(self) -> list[BoundField]:
        return [
            f for f in self.visible_fields() if f.name not in FORMSET_FIELDS and not f.name.endswith("_en")
        ]

    def english_fields(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if field.name.endswith("_en")]

    def has_english_errors(self) -> bool:
        return any(field.errors for field in self.english_fields())

    @cached_property
    def changed_data(self) -> list[str]:
        visible = {name for name, field in self.fields.items() if not field.widget.is_hidden}
        return [name for name in super().changed_data if name in visible - FORMSET_FIELDS]


class RowFormSet(BaseFormSet[RowForm]):
    """`rows`: initial values. `extra_rows`: empty lines added; `min_rows`: lines shown at least."""

    extra_rows, min_rows = 2, 0

    def __init__(self, data: Any = None, *, rows: Sequence[Mapping[str, Any]] = (), **kwargs: Any) -> None:
        initial = [{**row, ORDERING_FIELD_NAME: n} for n, row in enumerate(rows, start=1)]
        self.extra = max(len(rows) + self.extra_rows, self.min_rows)
        super().__init__(data, initial=None if data is not None else initial, **kwargs)

    def initial_form_count(self) -> int:
        """0: Django must not require the initial lines; those that are posted replace the whole list."""
        return 0

    def add_fields(self, form: RowForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[DELETION_FIELD_NAME].label = _("Remove this line")
        if self.can_order:
            order = form.fields[ORDERING_FIELD_NAME]
            order.label, order.widget = _("Position"), forms.NumberInput(attrs={"min": 1, "max": 99})

    def forgive(self) -> None:
        """As `Forgivable`, line by line."""
        self._errors: list[ErrorDict] = []
        self._non_form_errors = ErrorList()
        for form in self.forms:
            form.forgive()

    def rows(self) -> list[dict[str, Any]]:
        """The valid lines that are neither empty nor removed, in their order."""
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form.has_changed()]
        kept = [line for line in kept if not line.get(DELETION_FIELD_NAME)]
        if self.can_order:
            # Without a position, at the end.
            kept.sort(key=lambda line: (line[ORDERING_FIELD_NAME] is None, line[ORDERING_FIELD_NAME] or 0))
        return [{name: line[name] for name in line if name not in FORMSET_FIELDS} for line in kept]


def row_formset(
    form: type[RowForm], *, base: type[RowFormSet] = RowFormSet, can_order: bool, max_rows: int
) -> type[RowFormSet]:
    """A formset of `form`, of at most `most` lines."""
    made: type[RowFormSet] = formset_factory(  # type: ignore[assignment]  # it derives from `base`
        form,
        formset=base,
        can_order=can_order,
        can_delete=True,
        max_num=max_rows,
        validate_max=True,
        absolute_max=max_rows + 20,
    )
    return made
