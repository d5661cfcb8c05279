"""What can't wait: a mail at once to the members whose rooms it is about, once an hour at most for one thing.

`settings.TEAM_ALERTS` gives, by kind, the dotted path of the `AlertKind` that a package declares; those who tell the
team call `team_alert`, in the transaction of what happened. `settings.TEAM_WATCHES` lists what is looked at regularly.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.mailing.sending import send
from accounts.mailing.team_digest import choices_of
from accounts.models import Role, TeamAlert, User
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlertKind:
    """Words with `%(name)s` for the values given, and the role whose rooms it is about; the direction always reads it."""

    role: str
    subject: str | Promise
    text: str | Promise
    # What lasts is told again after a day; what happens, after an hour.
    interval: timedelta = timedelta(hours=1)


def team_alert(
    kind: str,
    *,
    key: str = "",
    path: str = "",
    values: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> bool:
    """Tells who it is about, unless it was told of `key` less than an `interval` ago. `path` is the page to look at."""
    now = now or timezone.now()
    alert: AlertKind = import_string(settings.TEAM_ALERTS[kind])
    # What is told to the direction alone is about the server: it reads the rest there.
    path = path or (reverse("staff:state") if alert.role == Role.DIRECTION else "")
    with transaction.atomic():
        if not _is_new(kind, key[:80], now, alert.interval):
            return False
        members = (
            User.objects.filter(is_active=True, is_staff=True).select_related("team_mails").order_by("pk")
        )
        for user in members:
            if user.has_role(alert.role) and not user.is_suspended(now) and choices_of(user).takes_alerts:
                _send_to(user, alert, path, values or {})
    return True


def _is_new(kind: str, key: str, now: datetime, interval: timedelta) -> bool:
    told, is_first = TeamAlert.objects.get_or_create(kind=kind, key=key, defaults={"told_at": now})
    past = TeamAlert.objects.filter(pk=told.pk, told_at__lte=now - interval)
    return is_first or bool(past.update(told_at=now))


def _send_to(user: User, alert: AlertKind, path: str, values: Mapping[str, object]) -> None:
    with translation.override(user.language):
        context = {
            "user": user,
            "has_account": True,
            "alert_subject": str(alert.subject) % values,
            "text": str(alert.text) % values,
            "url": f"{settings.BASE_URL}{path}" if path else "",
            "choices_url": f"{settings.BASE_URL}{reverse('account_team_mails')}",
        }
    send(prefix="accounts/email/team_alert", to=user.email, context=context, is_to_team=True)


def watch(*, now: datetime) -> int:
    """Looks at each of `settings.TEAM_WATCHES`, and tells what is wrong; how many alerts went."""
    sent = 0
    for kind, path in settings.TEAM_WATCHES:
        try:
            import_string(path)()
        except DiagnosticWarning:
            continue
        except DiagnosticError as problem:
            sent += team_alert(kind, values={"problem": problem}, now=now)
        except Exception:
            log.exception("%s", path)
    return sent


def check_jobs() -> str:
    """That no task gave up since yesterday, mails aside, which tell of themselves. Raises `DiagnosticError`."""
    failed = ProcrastinateJob.objects.filter(
        status="failed",
        procrastinateevent__type="failed",
        procrastinateevent__at__gt=timezone.now() - timedelta(days=1),
    ).exclude(task_name="deliver_mail")
    if names := sorted(set(failed.values_list("task_name", flat=True))):
        raise DiagnosticError(", ".join(names))
    return ""
