"""What was erased or withdrawn, kept so that a restore does not bring it back, and what people asked or wanted again since.

Each such act writes, in its own transaction, a row that says its kind, when, and a keyed hash of what it was about: a
row that only the portal's own data can be compared with. `accounts.privacy.kept_file` copies these rows beside the
backups, and `accounts.privacy.replaying` does the acts again in a restored database.

The key is derived from SECRET_KEY, which no backup holds: the file alone tells nobody's address. What a hash is of can't
name another row later: a restore gives keys again that were given before, so that a row is always named with the
instant at which it was made.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

from django.conf import settings

from accounts.models import Erasure
from pole.server.work_queue import defer

PURPOSE = b"pole.erasures.1"
# The account, by its key and when it was made; an address that was theirs.
ACCOUNT, ADDRESS = "account", "address"
# What an account’s owner asked, and may take back for seven days.
ERASURE_ASKED, ERASURE_TAKEN_BACK = "erasure_asked", "erasure_taken_back"
# A consent that was withdrawn, and one given after another was.
CONSENT, CONSENT_AGAIN = "consent", "consent_again"
# Each kind of mail that a member of the team stopped, or wants again.
TEAM_MAILS, TEAM_MAILS_AGAIN = "team_mails", "team_mails_again"
TEAM_ALERTS, TEAM_ALERTS_AGAIN = "team_alerts", "team_alerts_again"
COMMENT, REGISTRATION = "comment", "registration"

type Part = str | int | datetime


def keys() -> dict[str, bytes]:
    """By the name that each line carries, the keys in use: the present one first, then those of former SECRET_KEYs."""
    made = [hmac.digest(secret.encode(), PURPOSE, "sha256") for secret in _secrets()]
    return {hashlib.sha256(PURPOSE + key).hexdigest()[:12]: key for key in made}


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def digest(key: bytes, kind: str, *parts: Part) -> str:
    written = [
        part.astimezone(UTC).isoformat() if isinstance(part, datetime) else str(part) for part in parts
    ]
    return hmac.digest(key, json.dumps([kind, *written]).encode(), "sha256").hex()


def keep(kind: str, *parts: Part, at: datetime) -> None:
    """In the transaction of the act: neither is there without the other. The worker copies it beside the backups."""
    name, key = next(iter(keys().items()))
    row = Erasure(kind=kind, key_name=name, digest=digest(key, kind, *parts), at=at)
    Erasure.objects.bulk_create([row], ignore_conflicts=True)
    defer("export_erasures")
