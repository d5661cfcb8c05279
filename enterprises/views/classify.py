"""Listings without sector or legal form, one at a time, by the keyboard: each with what its words suggest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rules import signed_in_user
from enterprises.listing import classifying
from enterprises.listing.classifying import Classified, NotClassified
from enterprises.listing.guessing import SectorGuesser, suggest_legal_form
from enterprises.models import Listing, Sector
from enterprises.views.access import parse_key
from pole.access import role_required
from pole.refusals import say
from pole.search import unaccented
from pole.server.long_lists import bounded_count

# What this person may undo, the last one last: in their session.
UNDONE_KEY, MAX_UNDONE = "classified", 50
# Single keys that nothing else of the page uses.
FORM_KEYS = {
    "npo": "o", "coop_solidarity": "d", "coop_workers": "t", "coop_worker_shareholders": "a", "coop_consumers": "c",
    "coop_producers": "p", "mutual": "m",
}  # fmt: skip
KEYS_A_PAGE = 9


@role_required("directory")
@require_http_methods(["GET", "HEAD", "POST"])
def classify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, _asked(request.GET.get("fiche", "")), parse_key(request.GET.get("de", "")))
    listing, total = _asked(request.POST.get("fiche", "")), parse_key(request.POST.get("de", ""))
    action = request.POST.get("action", "accept")
    try:
        if action == "undo":
            return _go_to(_undo(request), total)
        if listing and action == "accept":
            _accept(request, listing)
    except NotClassified as refused:
        if refused.code == "nothing_chosen" and listing:
            return _show(request, listing, total, refused=refused.message)
        say(request, messages.WARNING, refused.message)
        return _go_to(listing.pk if listing else 0, total)
    return _go_to(_beside(listing, is_before=action == "back"), total)


def _asked(typed: str) -> Listing | None:
    key = parse_key(typed)
    return Listing.objects.for_lists().filter(pk=key).first() if key else None


def _accept(request: HttpRequest, listing: Listing) -> None:
    done = classifying.classify(
        listing_id=listing.pk, version=parse_key(request.POST.get("version", "")),
        sectors=[parse_key(key) for key in request.POST.getlist("sectors")],
        legal_form=request.POST.get("legal_form", ""), by=signed_in_user(request),
    )  # fmt: skip
    stack = request.session.get(UNDONE_KEY, [])
    request.session[UNDONE_KEY] = [*stack, asdict(done)][-MAX_UNDONE:]


def _undo(request: HttpRequest) -> int:
    """Undoes the last one; the key of its listing."""
    stack = request.session.get(UNDONE_KEY, [])
    if not stack:
        raise NotClassified("nothing_to_undo")
    done = Classified(**stack[-1])
    request.session[UNDONE_KEY] = stack[:-1]
    classifying.undo(done=done, by=signed_in_user(request))
    return done.listing_id


def _beside(listing: Listing | None, *, is_before: bool) -> int:
    """The key of what follows in the order of names, or comes before; 0 at the end."""
    rows = classifying.unclassified()
    if listing is None:
        return 0
    if is_before:
        rows = rows.filter(classifying.before(listing)).order_by("-name_key", "-pk")
    else:
        rows = rows.filter(classifying.after(listing))
    return rows.values_list("pk", flat=True).first() or (listing.pk if is_before else -1)


def _go_to(key: int, total: int) -> HttpResponse:
    """`key` -1: past the last one."""
    asked = {"fiche": "fin" if key == -1 else key or "", "de": total or ""}
    return redirect(f"{reverse('staff:classify')}?{urlencode({k: v for k, v in asked.items() if v})}")


def _show(request: HttpRequest, listing: Listing | None, total: int, *, refused: str = "") -> HttpResponse:
    rows = classifying.unclassified()
    remaining = bounded_count(rows)
    is_end = request.GET.get("fiche") == "fin"
    if listing is None and not is_end:
        listing = rows.for_lists().first()  # type: ignore[attr-defined]  # of ListingQuerySet
    context: dict[str, Any] = {
        "listing": listing, "remaining": remaining, "refused": refused,
        "can_undo": bool(request.session.get(UNDONE_KEY)),
    }  # fmt: skip
    if listing:
        left = bounded_count(rows.filter(classifying.after(listing))) + 1
        # As many as there were at first: more have come since, or it is a new round.
        total = max(total, remaining, left)
        context |= {"total": total, "number": max(1, total - left + 1), **_choices(request, listing)}
    return render(request, "enterprises/classify.html", context, status=422 if refused else 200)


def _choices(request: HttpRequest, listing: Listing) -> dict[str, Any]:
    """Every sector, those that are likely first, and every legal form: each with its key, and whether it is chosen."""
    sectors = {sector.pk: sector for sector in Sector.objects.all()}
    guesses = SectorGuesser(sectors.values()).guess_sectors(
        name=listing.name, mission=listing.mission, products=listing.products
    )
    stored = [key for key in listing.sector_ids if key in sectors]
    first = list(dict.fromkeys([*stored, *guesses]))
    others = sorted(sectors.keys() - set(first), key=lambda key: unaccented(str(sectors[key].shown_name)))
    chosen, form = stored or guesses[:1], listing.legal_form or suggest_legal_form(listing.name)
    if request.method == "POST":
        chosen, form = (
            [parse_key(key) for key in request.POST.getlist("sectors")],
            request.POST.get("legal_form", ""),
        )
    return {
        "sectors": [
            (sectors[key], str(at % KEYS_A_PAGE + 1), at // KEYS_A_PAGE, key in chosen, key in guesses)
            for at, key in enumerate([*first, *others])
        ],
        "has_pages": len(sectors) > KEYS_A_PAGE,
        "forms": [
            (value, label, FORM_KEYS[value], value == form) for value, label in Listing.LegalForm.choices
        ],
        "guessed": ", ".join([str(sectors[key].shown_name) for key in chosen if key in sectors])
        or _("no sector"),
    }
