"""Every write to the groups of synonyms, and the form by which staff make it. Locks: the row of `Setup`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pole.forms import ParagraphsField, VersionedModelForm
from pole.hooks.journal import note
from pole.hub.mail_test import locked_setup
from pole.models import SynonymGroup
from pole.search.synonym_groups import (
    MAX_TERM_LENGTH,
    MAX_TERMS,
    Group,
    current_groups,
    group_with,
    key_of,
    split_terms,
)

MAX_GROUPS = 500


class Act(StrEnum):
    """What is done to a group: the last three to one that is proposed with the portal."""

    SAVE = "save"
    DELETE = "delete"
    SWITCH_OFF = "off"
    SWITCH_ON = "on"
    RESET = "reset"


class SynonymGroupForm(VersionedModelForm):
    """The terms of a group. With another act than to save, what is typed is left aside."""

    terms = ParagraphsField(
        label=gettext_lazy("Terms"),
        help_text=gettext_lazy("One a line, or separated by commas; each may be several words."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 12}),
    )

    class Meta:
        model = SynonymGroup
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        group: Group | None,
        groups: Sequence[Group] = (),
        act: Act = Act.SAVE,
    ) -> None:
        """`group`: the one to change, among `groups`, all those that the hub has; None for a new one."""
        self.group, self.groups, self.act = group, groups, act
        # Of a group without a row, nobody has seen a version yet.
        row = (group and group.row) or SynonymGroup(replaces=group.name if group else "", version=0)
        super().__init__(
            data, instance=row, initial={"terms": "\n".join(group.shown_terms)} if group else None
        )
        self.fields["terms"].required = act == Act.SAVE

    def clean_terms(self) -> tuple[str, ...]:
        """The terms that the group is to have. All that is wrong is said at once."""
        terms = self._terms_after()
        errors = _faults(terms) if self.act == Act.SAVE else []
        errors += self._taken(terms)
        if self.group is None and sum(not group.proposed for group in self.groups) >= MAX_GROUPS:
            errors.append(
                _("There are %(most)d groups already, the most that there may be. Delete one first.")
                % {"most": MAX_GROUPS}
            )
        if errors:
            raise ValidationError(errors)
        return terms

    def _terms_after(self) -> tuple[str, ...]:
        if self.group is None or self.act == Act.SAVE:
            return split_terms(self.cleaned_data["terms"])
        if self.act in {Act.DELETE, Act.SWITCH_OFF}:
            return ()
        return self.group.proposed if self.act == Act.RESET else self.group.shown_terms

    def _taken(self, terms: Sequence[str]) -> list[str]:
        """A term is in one group: two that shared one would have to be read as a third that nobody wrote."""
        others = [group for group in self.groups if group is not self.group]
        return [
            format_html(
                _("“{term}” is already in the group “{group}”. Change that one, or take the term out here."),
                term=term,
                group=format_html('<a href="{}">{}</a>', address_of(other), _beginning(other)),
            )
            for term in terms
            if (other := group_with(term, others))
        ]

    def save(self, commit: bool = True) -> SynonymGroup:
        row: SynonymGroup = self.instance
        row.is_off = self.act == Act.SWITCH_OFF
        if self.act in {Act.SAVE, Act.RESET}:
            terms = self.cleaned_data["terms"]
            row.terms = [] if self.group and terms == self.group.proposed else list(terms)
        saved: SynonymGroup = super().save(commit)
        return saved


def _beginning(group: Group) -> str:
    """Its first terms."""
    return ", ".join(group.terms[:3]) + ("…" if len(group.terms) > 3 else "")


def _faults(terms: Sequence[str]) -> list[str]:
    """What is wrong with the terms of a group, in sentences."""
    faults = [
        _("“%(term)s” has no word that can be searched for.") % {"term": term}
        for term in terms
        if not key_of(term)
    ]
    faults += [
        _("“%(start)s…” is too long: a term has at most %(most)d characters.")
        % {"start": term[:30], "most": MAX_TERM_LENGTH}
        for term in terms
        if len(term) > MAX_TERM_LENGTH
    ]
    if len(terms) < 2:
        faults.append(_("A group has at least two terms: what one would type, and what it should also find."))
    if len(terms) > MAX_TERMS:
        faults.append(
            _("This group has %(count)d terms; the most is %(most)d. Make two groups of it.")
            % {"count": len(terms), "most": MAX_TERMS}
        )
    return faults


@dataclass(frozen=True, slots=True)
class GroupReference:
    """A group as an address names it: the key of its row, or the name of a proposed one; neither for a new one."""

    key: int | None = None
    name: str = ""

    def find(self, groups: Sequence[Group]) -> Group | None:
        return next((group for group in groups if self._is(group)), None)

    def _is(self, group: Group) -> bool:
        if self.name:
            return group.name == self.name
        return not group.proposed and group.key == self.key


def address_of(group: Group) -> str:
    """Where staff change it."""
    if group.proposed:
        return reverse("staff:synonym_proposed", args=[group.name])
    return reverse("staff:synonym_edit", args=[group.key])


@transaction.atomic
def change_group(
    which: GroupReference, data: Mapping[str, Any], *, act: Act = Act.SAVE, by: Any = None
) -> SynonymGroupForm:
    """Does `act` to a group when the form that it returns is valid. Raises `SynonymGroup.DoesNotExist`.

    One that someone deleted meanwhile is written anew, once whoever saves it has been told.
    """
    locked_setup()
    groups = current_groups()
    group = which.find(groups)
    if group is None and (which.name or act == Act.DELETE):
        raise SynonymGroup.DoesNotExist
    form = SynonymGroupForm(data, group=group, groups=groups, act=_act_on(group, act))
    if not form.is_valid():
        return form
    if form.act == Act.DELETE:
        key = form.instance.pk
        form.instance.delete()
    else:
        key = form.save().pk
    action = "add" if group is None else form.act.value
    note(action=action, kind="synonyms", key=key, by=by)
    return form


def _act_on(group: Group | None, act: Act) -> Act:
    """Another act than those that the page of the group offers is to save."""
    if group is None:
        return Act.SAVE
    offered = {Act.SWITCH_OFF, Act.SWITCH_ON, Act.RESET} if group.proposed else {Act.DELETE}
    return act if act in offered else Act.SAVE
