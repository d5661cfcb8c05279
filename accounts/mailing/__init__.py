"""Mails to one person (`sending`), and those that tell the team what waits (`team_digest`, `team_alerts`)."""

from accounts.mailing.sending import compose, language_of, send

__all__ = ["compose", "language_of", "send"]
