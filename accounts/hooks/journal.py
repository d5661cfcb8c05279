"""What the team decides about accounts, for its journal."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import Incident, TeamInvitation, User
from pole.hub.synonyms import address_of
from pole.models import FormerMunicipality, Partner, TeamMember
from pole.search.synonym_groups import current_groups


def _accounts(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """Each person: where a suspension is read, replaced and ended; their line in the list when there never was one."""
    found = {}
    for row in User.objects.filter(pk__in=keys):
        line = f"{reverse('staff:people')}?{urlencode({'q': row.name})}"
        url = reverse("staff:suspend", args=[row.pk]) if row.suspended_until else line
        found[row.pk] = (str(row), url)
    return found


JOURNAL = journal.DecisionKind(
    {
        "suspend": _("suspended an account"),
        "lift": _("ended a suspension"),
        "staff_given": _("let someone into the hub’s team"),
        "staff_taken": _("took someone out of the hub’s team"),
        "superuser_given": _("made someone a superuser"),
        "superuser_taken": _("took the superuser role from someone"),
        "direction_given": _("gave the direction’s role"),
        "direction_taken": _("took the direction’s role back"),
        "editorial_given": _("gave the role of editorial work"),
        "editorial_taken": _("took the role of editorial work back"),
        "directory_given": _("gave the directory’s role"),
        "directory_taken": _("took the directory’s role back"),
        "forums_given": _("gave the role of forums and votes"),
        "forums_taken": _("took the role of forums and votes back"),
        "close": _("closed an account"),
        "reopen": _("reopened an account"),
        "sessions_ended": _("ended every session of an account"),
        "erase": _("asked for the erasure of an account, for its owner"),
        "keep": _("kept an account that was to be erased"),
    },
    _accounts,
    _("People"),
    roles=("editorial",),
)


# Decided in `pole`, which can't import this package: it calls `pole.hooks.journal.note`.
HUB = journal.DecisionKind(
    {"identity": _("changed the hub’s identity")}, journal.page_at(_("The hub"), "staff:hub"), _("The hub")
)
MENUS = journal.DecisionKind(
    {"menus": _("changed the menus")}, journal.page_at(_("Menus"), "staff:menu"), _("Menus"), ("editorial",)
)
TEAM_MEMBERS = journal.DecisionKind(
    {
        "add": _("added someone to the team shown to visitors"),
        "save": _("changed someone of the team shown to visitors"),
        "delete": _("took someone out of the team shown to visitors"),
    },
    journal.rows_of(TeamMember, "name", "staff:member_edit", "pk"),
    _("Team shown to visitors"),
)
PARTNERS = journal.DecisionKind(
    {
        "add": _("added a partner"),
        "save": _("changed a partner"),
        "move": _("moved a partner"),
        "remove": _("took a partner off the pages"),
        "restore": _("put a partner back on the pages"),
        "delete": _("deleted a partner"),
    },
    journal.rows_of(Partner, "name", "staff:partner_edit", "pk"),
    _("Partners"),
)
TERRITORY = journal.DecisionKind(
    {
        "imported": _("brought the list of municipalities up to date"),
        "chosen": _("chose the territory of the hub"),
    },
    journal.page_at(_("Territory"), "staff:territory"),
    _("Territory"),
)


def _find_synonyms(keys: Collection[int]) -> dict[int, journal.TitleAndUrl]:
    """The terms of each group, were it in use."""
    return {
        group.key: (", ".join(group.shown_terms), address_of(group))
        for group in current_groups()
        if group.key is not None and group.key in keys
    }


def _find_incidents(keys: Collection[int]) -> dict[int, journal.TitleAndUrl]:
    """By its number alone: what happened is read in the register."""
    return {
        key: (gettext("Incident %(number)d") % {"number": key}, reverse("staff:incident", args=[key]))
        for key in Incident.objects.filter(pk__in=keys).values_list("pk", flat=True)
    }


INCIDENTS = journal.DecisionKind(
    {
        "add": _("wrote an incident in the register"),
        "save": _("corrected an incident of the register"),
    },
    _find_incidents,
    _("Register of incidents"),
)
SYNONYMS = journal.DecisionKind(
    {
        "add": _("added a group of synonyms"),
        "save": _("changed a group of synonyms"),
        "delete": _("deleted a group of synonyms"),
        "off": _("switched a group of synonyms off"),
        "on": _("switched a group of synonyms on again"),
        "reset": _("gave a group of synonyms the proposed terms again"),
    },
    _find_synonyms,
    _("Synonyms"),
    ("directory",),
)


FORMER_NAMES = journal.DecisionKind(
    {
        "add": _("remembered the former name of a municipality"),
        "save": _("changed the former name of a municipality"),
        "delete": _("forgot the former name of a municipality"),
    },
    journal.rows_of(FormerMunicipality, "name", "staff:former_name_edit", "pk"),
    _("Former names"),
    ("directory",),
)


def _find_invitations(keys: Collection[int]) -> dict[int, journal.TitleAndUrl]:
    """Without the address: whoever has no account is named in no journal."""
    waiting = TeamInvitation.objects.filter(pk__in=keys).values_list("pk", flat=True)
    return {key: (gettext("Invitation"), f"{reverse('staff:people')}#invitation-{key}") for key in waiting}


INVITATIONS = journal.DecisionKind(
    {
        "invite": _("invited a colleague"),
        "resend": _("sent the invitation of a colleague again"),
        "revoke": _("withdrew the invitation of a colleague"),
    },
    _find_invitations,
    _("Invitations to the team"),
)

MAIL_ADDRESSES = journal.DecisionKind(
    {"resume": _("let mail go to a suspended address again")},
    journal.page_at(_("Address that refused mail"), "staff:people"),
    _("People"),
)
