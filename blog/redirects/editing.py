"""Every write of staff to old addresses."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts import journal
from accounts.models import User
from blog.models import MissedAddress, OldAddress
from blog.redirects import rules


@transaction.atomic
def save(*, row: OldAddress, path: str, target: str, request: HttpRequest, by: User | None) -> OldAddress:
    """Adds or changes one; what was missed there is missed no more. Raises `rules.RedirectRefused`."""
    path = rules.as_looked_up(rules.clean_path(path))
    is_new = row._state.adding
    if path != row.path:
        rules.check_old(path, request)
        same = OldAddress.objects.filter(path__in={path, f"{path.rstrip('/')}/"}).exclude(pk=row.pk)
        if same.exists():
            raise rules.RedirectRefused("redirect_taken")
    if path == target.strip():
        raise rules.RedirectRefused("redirect_loop")
    leads = rules.target_of(target, request)
    _check_chain(path, row)
    row.path = path
    for name, value in leads.items():
        setattr(row, name, value)
    row.save()
    MissedAddress.objects.filter(path__in={path, path.rstrip("/"), f"{path.rstrip('/')}/"}).delete()
    action = "redirect_added" if is_new else "redirect_changed"
    journal.note(action=action, kind="redirect", key=row.pk, by=by, reason=path)
    return row


def _check_chain(path: str, row: OldAddress) -> None:
    """That none leads to this one, as if it were a page."""
    if OldAddress.objects.filter(target__in={path, f"{path.rstrip('/')}/"}).exclude(pk=row.pk).exists():
        raise rules.RedirectRefused("redirect_loop")


@transaction.atomic
def remove(*, row: OldAddress, by: User | None) -> None:
    journal.note(action="redirect_removed", kind="redirect", key=row.pk, by=by, reason=row.path)
    row.delete()


@transaction.atomic
def forget_missed(*, row: MissedAddress) -> None:
    row.delete()
