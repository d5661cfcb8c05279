"""What a check of `manage.py diagnostic` raises: each package may offer its own (`settings.DIAGNOSTICS`)."""

from __future__ import annotations


class DiagnosticError(Exception):
    """Something to fix; the message, in French, says how."""


class DiagnosticWarning(Exception):
    """Worth knowing, and no failure: a demonstration may lack it, or it will pass."""
