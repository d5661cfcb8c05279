"""What a check of `manage.py diagnostic` raises: each room may offer its own (`settings.DIAGNOSTICS`)."""

from __future__ import annotations


class Trouble(Exception):
    """Something to mend; the message, in French, says what to do."""


class Remark(Exception):
    """Something to know, or that a demonstration may lack and a real installation should not."""
