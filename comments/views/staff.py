"""The moderation queue of every application, the comments to look at again, and the journal of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import describe_all, entries
from accounts.models import User
from accounts.rules import signed_in_user
from accounts.views.returning import next_address
from comments import moderation
from comments.forms import HideForm, JournalFilter
from comments.hooks import moderation as shown
from pole.access import role_required, staff_only
from pole.hooks.moderation import ChangedMeanwhile, ModerationQueue, PendingItem
from pole.refusals import say
from pole.server.long_lists import added
from pole.text.matching import typed_text
from pole.views.paging import page_of

MAX_ITEMS, ENTRIES_A_PAGE = 25, 50
# The list itself: where the last decision leads.
FIRST = "premier"


@staff_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits in every package, oldest first.

    With `etat=recents`, the latest public comments; `etat=masques`, those that the team hid; `q`, those of either that hold
    some words; `commentaire`, one of them.
    """
    return _show(request, request.GET)


def _show(
    request: HttpRequest, asked: QueryDict, *, refused: HideForm | None = None, status: int = 200
) -> HttpResponse:
    """The list that `asked` names, also with the form of the item whose decision was refused."""
    context = _read_list(signed_in_user(request), asked)
    items: Sequence[PendingItem] = context.pop("items")
    names = {name: asked[name] for name in ("etat", "commentaire", "q", "page") if asked.get(name)}
    address = reverse("staff:moderation") + (f"?{urlencode(names)}" if names else "")
    people = User.objects.filter(pk__in={item.person_id for item in items if item.person_id})
    suspended = dict(people.suspended(timezone.now()).values_list("pk", "suspended_until"))
    # After a decision the page comes back to what followed, or to the first; alone, to the same comment.
    keys = [item.key for item in items]
    followers = [*keys[1:], *keys[:1]] if len(keys) != 1 or context.get("is_one") else [FIRST]
    context["lines"] = [
        {
            "item": item,
            "here": f"{address}#{item.key}",
            "next": f"{address}#{follower}",
            "form": refused if refused and item.key == refused.key else HideForm(key=item.key),
            "suspended_until": suspended.get(item.person_id),
        }
        for item, follower in zip(items, followers, strict=True)
    ]
    return render(request, "comments/moderation.html", context, status=status)


def _read_list(reader: User, asked: QueryDict) -> dict[str, Any]:
    if not reader.has_role("editorial"):
        asked = QueryDict()
    one, state = asked.get("commentaire", ""), asked.get("etat", "")
    if one.isdecimal() and len(one) < 16:
        return {"items": shown.one(int(one)), "here": "one", "is_one": True}
    if state in {"recents", "masques"}:
        words = typed_text(asked.get("q", ""))
        rows = shown.latest(words) if state == "recents" else shown.hidden(words)
        page = page_of(rows, MAX_ITEMS, asked.get("page"))
        here = "recent" if state == "recents" else "hidden"
        searched = {"state": state, "words": words, "found_total": page.paginator.count}
        return {"items": shown.as_items(page), "here": here, "page": page, "query": asked, **searched}
    queues: list[ModerationQueue] = [
        import_string(path)(MAX_ITEMS) for role, path in settings.MODERATION_QUEUES if reader.has_role(role)
    ]
    items = sorted((item for queue in queues for item in queue.items), key=lambda item: item.since)
    total = added(queue.total for queue in queues)
    return {
        "items": items[:MAX_ITEMS], "here": "queue", "queues": queues, "total": total,
        "has_more": total > MAX_ITEMS,
    }  # fmt: skip


@staff_only
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """Every decision, newest first; the form narrows the list, and `personne` is the key of an account."""
    form = JournalFilter(request.GET)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name) for name in form.fields}
    reader = signed_in_user(request)
    found = entries(
        reader=reader,
        kind=asked["quoi"] or "",
        words=asked["qui"] or "",
        person_id=asked["personne"] or 0,
        since=asked["du"],
        until=asked["au"],
    )
    page = page_of(found, ENTRIES_A_PAGE, request.GET.get("page"))
    context = {"page": page, "form": form, "is_filtered": any(asked.values())}
    context["lines"] = describe_all(page, reader=reader)
    return render(request, "comments/journal.html", context)


@role_required("editorial")
@require_POST
def approve(request: HttpRequest, comment_id: int) -> HttpResponse:
    return _decide(request, comment_id, "approve", _("The comment is published."))


@role_required("editorial")
@require_POST
def hide(request: HttpRequest, comment_id: int) -> HttpResponse:
    form = HideForm(request.POST, key=f"commentaire-{comment_id}")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        return _decide(request, comment_id, "hide", _("The comment is hidden."), reason=reason)
    if _is_listed(request, form.key):
        return _show(request, _asked_list(request), refused=form, status=422)
    return _say_meanwhile(request, comment_id)


@role_required("editorial")
@require_POST
def restore(request: HttpRequest, comment_id: int) -> HttpResponse:
    return _decide(request, comment_id, "restore", _("The comment is public again, and its author knows it."))


def _decide(request: HttpRequest, comment_id: int, act: str, done: str, **values: str) -> HttpResponse:
    """Does `act` on what the form showed, then goes on to the next item."""
    reader, seen = signed_in_user(request), request.POST.get("seen", "")
    try:
        decided = getattr(moderation, act)(
            comment_id=comment_id, seen=seen, by=reader, now=timezone.now(), **values
        )
    except ChangedMeanwhile as refusal:
        why = moderation.describe_meanwhile(comment_id, reader=reader) or refusal.message
        return _refuse(request, comment_id, why, **values)
    if not decided:
        return _say_meanwhile(request, comment_id)
    _say_there(request, messages.SUCCESS, done)
    return redirect(_next_place(request))


def _say_meanwhile(request: HttpRequest, comment_id: int) -> HttpResponse:
    why = moderation.describe_meanwhile(comment_id, reader=signed_in_user(request))
    _say_there(request, messages.INFO, why or _("This comment was no longer waiting."))
    return redirect(_next_place(request))


def _asked_list(request: HttpRequest) -> QueryDict:
    """What names the list from which the decision came."""
    return QueryDict(urlsplit(_next_place(request)).query)


def _is_listed(request: HttpRequest, key: str) -> bool:
    return key in {item.key for item in _read_list(signed_in_user(request), _asked_list(request))["items"]}


def _refuse(request: HttpRequest, comment_id: int, why: str, *, reason: str = "") -> HttpResponse:
    """The same list again, on the item as it is now; or what follows, once it has left the list."""
    key = f"commentaire-{comment_id}"
    if not _is_listed(request, key):
        _say_there(request, messages.ERROR, why)
        return redirect(_next_place(request))
    say(request, messages.ERROR, why, at=key)
    return _show(request, _asked_list(request), refused=HideForm(key=key, reason=reason), status=409)


def _say_there(request: HttpRequest, level: int, text: str) -> None:
    """On the item that the list goes on with."""
    say(request, level, text, at=urlsplit(_next_place(request)).fragment)


def _next_place(request: HttpRequest) -> str:
    return next_address(request, f"{reverse('staff:moderation')}#{FIRST}")
