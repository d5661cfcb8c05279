"""What the team decides about forums, their votes and what follows, for its journal.

Of a vote: what staff did to the round, never who voted, how or when (`forums.vote.log`).
"""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import journal
from forums.models import (
    Answer,
    DayTeamMember,
    Dossier,
    Forum,
    Priority,
    Recommendation,
    Registration,
    Round,
    Season,
)

type TitlesAndLinks = dict[int, tuple[str, str]]


def _rounds(keys: Collection[int]) -> TitlesAndLinks:
    rows = Round.objects.filter(pk__in=keys).values_list("pk", "forum__title", "forum__slug", "number")
    return {
        pk: (
            gettext("%(forum)s, round %(number)d") % {"forum": title, "number": number},
            reverse("staff:round", args=[slug, number]),
        )
        for pk, title, slug, number in rows
    }


def _registrations(keys: Collection[int]) -> TitlesAndLinks:
    rows = Registration.objects.filter(pk__in=keys).values_list("pk", "name", "forum__title", "forum__slug")
    return {
        pk: (f"{name or '—'} – {forum}", reverse("staff:person_of_forum", args=[slug, pk]))
        for pk, name, forum, slug in rows
    }


def _day_team(keys: Collection[int]) -> TitlesAndLinks:
    rows = DayTeamMember.objects.filter(pk__in=keys).values_list("pk", "name", "forum__title", "forum__slug")
    return {
        pk: (f"{name} – {forum}", reverse("staff:day_team", args=[slug])) for pk, name, forum, slug in rows
    }


def _priorities(keys: Collection[int]) -> TitlesAndLinks:
    rows = Priority.objects.filter(pk__in=keys).values_list("pk", "title", "results__forum__slug")
    return {pk: (title, _followup(slug, pk)) for pk, title, slug in rows}


def _followup(slug: str, priority_id: int) -> str:
    return f"{reverse('staff:followup', args=[slug])}#priorite-{priority_id}"


def _dossiers(keys: Collection[int]) -> TitlesAndLinks:
    rows = Dossier.objects.filter(pk__in=keys).select_related("results__forum")
    return {row.pk: (row.organisation, row.get_absolute_url()) for row in rows}


def _answers(keys: Collection[int]) -> TitlesAndLinks:
    columns = (
        "pk",
        "dossier__organisation",
        "priority_id",
        "priority__title",
        "priority__results__forum__slug",
    )
    rows = Answer.objects.filter(pk__in=keys).values_list(*columns)
    return {
        pk: (f"{organisation} – {title}", _followup(slug, priority))
        for pk, organisation, priority, title, slug in rows
    }


RECOMMENDATIONS = journal.DecisionKind(
    {
        "accepted": _("accepted a recommendation"),
        "refused": _("refused a recommendation"),
        "merged": _("merged a recommendation into another"),
        "unmerged": _("separated a merged recommendation"),
        "hidden": _("hid a recommendation"),
        "shown": _("showed a recommendation again"),
    },
    journal.rows_of(Recommendation, "title", "staff:recommendation", "forum__slug", "pk"),
    _("Recommendations"),
    roles=("forums",),
)
FORUMS = journal.DecisionKind(
    {
        "written": _("prepared an activity"),
        "changed": _("edited an activity"),
        "copied": _("copied an activity into this one"),
        "announced": _("announced an activity"),
        "withdrawn": _("took an activity back from visitors"),
        "postponed": _("moved an activity to other dates"),
        "cancelled": _("cancelled an activity"),
        "restored": _("restored a cancelled activity"),
        "session_cancelled": _("cancelled a session of an activity"),
        "session_restored": _("restored a cancelled session of an activity"),
        "attendance_table": _("noted who came to the sessions of an activity"),
        "attendance": _("showed who came on the page of an activity"),
        "questions": _("changed what an activity asks at registration"),
        "mail": _("reworded a mail of an activity"),
        "people_exported": _("exported the people registered for an activity"),
        "proposal_accepted": _("accepted an activity that an enterprise proposed"),
        "proposal_refused": _("did not keep an activity that an enterprise proposed"),
        "proposal_answered": _("answered what an enterprise asked of its activity"),
    },
    journal.rows_of(Forum, "title", "staff:forum_edit", "slug"),
    _("Activities"),
    roles=("forums",),
)
SEASONS = journal.DecisionKind(
    {
        "written": _("wrote a season of the agenda"),
        "changed": _("edited a season of the agenda"),
        "copied": _("copied a season of the agenda to the next year"),
        "deleted": _("deleted a season of the agenda"),
    },
    journal.rows_of(Season, "title", "staff:season_edit", "pk"),
    _("Seasons"),
    roles=("forums",),
)
ROUNDS = journal.DecisionKind(
    {
        "planned": _("planned a vote"),
        "changed": _("changed a planned vote"),
        "deleted": _("deleted a planned vote"),
        "drawn": _("drew the ballot of a vote"),
        "undrawn": _("undid the draw of a ballot"),
        "opened": _("opened a vote"),
        "prolonged": _("extended a vote"),
        "closed": _("closed a vote"),
        "annulled": _("annulled a vote"),
        "sealed": _("sealed the box of a vote"),
        "added": _("added someone to the roll of a vote"),
        "voided": _("took someone off the roll of a vote"),
        "noted": _("noted late that a paper was given out"),
        "papers_lost": _("declared papers of a vote lost"),
        "tellers": _("entered the tellers’ part in the lottery of a vote"),
        "dropped": _("dropped the tellers’ part in the lottery of a vote"),
    },
    _rounds,
    _("Votes"),
    roles=("forums",),
)
REGISTRATIONS = journal.DecisionKind(
    {
        "added": _("registered someone for an activity"),
        "changed": _("changed a registration"),
        "place": _("gave someone a place at an activity"),
        "cancelled": _("cancelled a registration"),
    },
    _registrations,
    _("Registrations"),
    roles=("forums",),
)
DAY_TEAM = journal.DecisionKind(
    {
        "invited": _("invited someone to a day team"),
        "renewed": _("gave a member of a day team another code"),
        "revoked": _("ended the access of a member of a day team"),
    },
    _day_team,
    _("Day teams"),
    roles=("forums",),
)
PRIORITIES = journal.DecisionKind(
    {
        **{f"state_{state}": _("changed where a priority stands") for state in Priority.State.values},
        "news_added": _("added news of a priority"),
        "news_changed": _("changed news of a priority"),
        "news_removed": _("removed news of a priority"),
    },
    _priorities,
    _("Follow-up"),
    roles=("forums",),
)
DOSSIERS = journal.DecisionKind(
    {
        "sent": _("sent a dossier"),
        "resent": _("sent the link of a dossier again"),
        "renewed": _("sent another link to a dossier"),
        "revoked": _("ended the link of a dossier"),
    },
    _dossiers,
    _("Dossiers"),
    roles=("forums",),
)
ANSWERS = journal.DecisionKind(
    {
        "confirmed": _("confirmed an answer"),
        "reopened": _("gave an answer back for correction"),
    },
    _answers,
    _("Answers"),
    roles=("forums",),
)
