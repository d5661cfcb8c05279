"""The synonyms of the search, as staff keep them."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from pole.access import role_required
from pole.hub.synonyms import (
    Act,
    GroupReference,
    SynonymGroupForm,
    address_of,
    change_group,
)
from pole.models import SynonymGroup
from pole.search import MAX_QUERY_LENGTH, unaccented
from pole.search.synonym_groups import current_groups
from pole.server.staff_lists import keeps_filters
from pole.views.paging import page_of

GROUPS_A_PAGE = 50


@role_required("directory")
@require_safe
@keeps_filters
def synonym_list(request: HttpRequest) -> HttpResponse:
    """Those of the hub, then those proposed; of one `etat`, or with a part of a term."""
    groups = current_groups()
    query = request.GET.get("q", "").replace("\x00", "")[:MAX_QUERY_LENGTH].strip()
    if typed := unaccented(query):
        groups = [group for group in groups if any(typed in unaccented(term) for term in group.shown_terms)]
    counts = Counter(group.state for group in groups)
    labels = {
        "added": pgettext("group of synonyms", "Added"),
        "changed": pgettext("group of synonyms", "Changed"),
        "off": pgettext("group of synonyms", "Switched off"),
        "proposed": pgettext("group of synonyms", "Proposed"),
    }
    state = request.GET.get("etat", "")
    if state in labels:
        groups = [group for group in groups if group.state == state]
    page = page_of(groups, GROUPS_A_PAGE, request.GET.get("page"))
    context = {
        "page": page,
        "lines": [(group, address_of(group), labels[group.state]) for group in page],
        "query": query,
        "state": state if state in labels else "",
        "states": [(value, label) for value, label in labels.items() if counts[value] or value == state],
    }
    return render(request, "staff/synonyms.html", context)


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, GroupReference())


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_edit(request: HttpRequest, key: int) -> HttpResponse:
    return _edit(request, GroupReference(key=key))


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_proposed(request: HttpRequest, name: str) -> HttpResponse:
    return _edit(request, GroupReference(name=name))


def _edit(request: HttpRequest, which: GroupReference) -> HttpResponse:
    if request.method == "POST":
        typed = request.POST.get("action", "")
        act = Act(typed) if typed in Act else Act.SAVE
        try:
            form = change_group(which, request.POST, act=act, by=request.user)
        except SynonymGroup.DoesNotExist as error:
            if which.name:
                raise Http404 from error
            return _done(request, Act.DELETE)
        if form.is_valid():
            return _done(request, form.act)
    else:
        group = which.find(current_groups())
        if group is None and which != GroupReference():
            raise Http404
        form = SynonymGroupForm(group=group)
    return render(request, "staff/synonym_group.html", {"form": form, "group": form.group})


def _done(request: HttpRequest, act: Act) -> HttpResponse:
    said = {
        Act.SAVE: _("The group is saved: the search takes it into account."),
        Act.DELETE: _("The group is deleted."),
        Act.SWITCH_OFF: _("The group is switched off: the search no longer takes it into account."),
        Act.SWITCH_ON: _("The group is in use again."),
        Act.RESET: _("The group has the proposed terms again."),
    }
    messages.success(request, said[act])
    return redirect("staff:synonym_list")
