"""« Nous écrire »: the form of the contact page, at an address of its own, since a page that is kept holds none."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.mailing.contact import ContactForm, ContactRefused, send_message
from pole.caching.public_pages import get_public_state
from pole.hub.identity import get_identity
from pole.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Nothing is here while the hub has no address to write to. Whoever is suspended may write: they have a decision to contest."""
    to = get_identity(get_public_state(request).version_of("hub")).hub.email
    if not to:
        raise Http404
    form = ContactForm(request.POST if request.method == "POST" else None, initial=_known_of(request))
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return _sent(request, form, to)
            except Refusal as refusal:
                form.add_error(None, refusal.message)
    return render(request, "blog/contact_form.html", {"form": form}, status=status)


def _sent(request: HttpRequest, form: ContactForm, to: str) -> HttpResponse:
    cleaned = form.cleaned_data
    if not ratelimit.consume(request, action="contact"):
        raise ContactRefused("contact_crowded")
    send_message(
        to=to, **{name: cleaned[name] for name in ("name", "email", "reply_to", "message", "idempotency_key")}
    )
    return render(request, "blog/contact_form.html", {"is_sent": True, "email": cleaned["email"]})


def _known_of(request: HttpRequest) -> dict[str, str]:
    user = request.user
    return {"name": user.name, "email": user.email} if user.is_authenticated else {}
