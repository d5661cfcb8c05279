"""The first steps of a new hub, in order: what is there, and what is missing until visitors may be invited."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pole.caching.in_process import BoundedCache, process_cache
from pole.geo.territory import is_set
from pole.hooks.first_steps import FirstStep
from pole.hub import mail_test
from pole.models import Hub, Municipality, Setup

ORDER = ("identity", "territory", "team", "mail", "pages", "post")
# A worker that runs takes a message within a second or two.
WORKER_IS_LATE = timedelta(minutes=1)


def first_steps() -> list[FirstStep]:
    hub = Hub.objects.first()
    own = {"identity": identity(hub), "territory": territory(hub), "mail": mail()}
    return [own[key] if key in own else import_string(settings.FIRST_STEPS[key])() for key in ORDER]


# How many steps were left at content versions. Of what a step reads, the team and the test message have none: the pages
# of the first steps and the staff home count again.
_left: BoundedCache[tuple[tuple[str, int], ...], int] = process_cache(limit=1)


def number_left(versions: tuple[tuple[str, int], ...]) -> int:
    """How many steps are not done, for the head of every staff page: no query unless something public has changed."""
    return _left.get_or_make(versions, lambda: sum(not step.is_done for step in first_steps()))


def remember(steps: list[FirstStep], versions: tuple[tuple[str, int], ...]) -> list[FirstStep]:
    """Those of `steps`, just read, that are not done: `number_left` says the same from now on."""
    left = [step for step in steps if not step.is_done]
    _left[versions] = len(left)
    return left


def identity(hub: Hub | None) -> FirstStep:
    facts = (
        (hub and hub.name, _("The name of the hub.")),
        (hub and hub.tagline, _("What the hub is, in one sentence.")),
        (hub and hub.street and hub.postal_code, _("The postal address.")),
        (hub and (hub.email or hub.phone), _("An e-mail address or a telephone number for visitors.")),
    )
    extras = ((hub and hub.logo, _("A logo: until then, the portal’s own sign stands beside your name.")),)
    return FirstStep(
        title=_("Identity"),
        purpose=_("Your name, your colours and how to reach you, which every page shows."),
        url=reverse("staff:hub"),
        action=_("Describe the hub"),
        missing=[sentence for fact, sentence in facts if not fact],
        optional=[sentence for fact, sentence in extras if not fact],
    )


def territory(hub: Hub | None) -> FirstStep:
    missing = []
    if not Municipality.objects.exists():
        missing.append(_("The list of the municipalities that you serve."))
    elif not is_set():
        missing.append(_("The part of the list that is your territory."))
    elif hub is None or hub.municipality_id is None:
        missing.append(_("The municipality of the hub’s own address: choose it on the page of the hub."))
    lacks_address = bool(missing) and is_set()
    return FirstStep(
        title=_("Territory"),
        purpose=_("The places that forms, the directory and its map offer."),
        url=reverse("staff:hub" if lacks_address else "staff:territory"),
        action=_("Describe the hub") if lacks_address else _("Choose the territory"),
        missing=missing,
    )


def mail() -> FirstStep:
    return FirstStep(
        title=_("Mail"),
        purpose=_("Without mail, nobody can open an account, register for a forum or be invited."),
        url=reverse("staff:first_step_mail"),
        action=_("Send a test message"),
        missing=_mail_missing(Setup.objects.first() or Setup()),
    )


def _mail_missing(setup: Setup) -> list[str]:
    relay = mail_test.relay_in_use()
    if setup.mail_received_at and setup.mail_received_by_relay == relay:
        return []
    if setup.mail_sent_at is None or setup.mail_relay != relay:
        was_received = setup.mail_received_at is not None
        changed = gettext("The relay has changed since the last message was received: send another one.")
        return [changed if was_received else gettext("No test message has been sent.")]
    if setup.mail_answered_at is None:
        is_late = timezone.now() - setup.mail_sent_at > WORKER_IS_LATE
        late = gettext(
            "The test message waits: the service that sends mail (pole-worker) does not seem to run."
        )
        return [late if is_late else gettext("The test message is on its way.")]
    if not setup.mail_accepted:
        return [
            gettext("The relay did not take the test message: %(answer)s") % {"answer": setup.mail_answer}
        ]
    return [gettext("The code of the test message has not been entered: has it arrived?")]
