"""What to say of a file that is often taken for a spreadsheet."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def save_as_xlsx(kind: str) -> ValidationError:
    message = _("This is a file of another kind, %(kind)s: save it as .xlsx or CSV, then send it again.")
    return ValidationError(message % {"kind": kind}, code="table_other_kind")
