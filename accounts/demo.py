"""The accounts of a demonstration, and the file that says how to sign in to them."""

from __future__ import annotations

import json
import random
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction

from accounts.models import Role, User
from accounts.team.roles import record_changes, role_columns
from pole.server.whole_files import write_whole


class DemoCredentials(TypedDict):
    """One entry of `demo-accounts.json`. `totp_secret` is in base 32, for those who need it."""

    email: str
    password: str
    role: str
    totp_secret: str | None


@dataclass(frozen=True, slots=True)
class DemoAccount:
    email: str
    name: str
    role: str

    roles: tuple[Role, ...] = ()


ACCOUNTS = (
    DemoAccount("citoyenne@pole.example", "Camille Beaulieu", "citizen"),
    DemoAccount("entreprise@pole.example", "Samuel Tremblay-Roy", "owner"),
    DemoAccount("direction@pole.example", "Mireille Gendron", "staff", (Role.DIRECTION,)),
    DemoAccount(
        "equipe@pole.example", "Thomas Lavigueur", "staff", (Role.EDITORIAL, Role.DIRECTORY, Role.FORUMS)
    ),
    DemoAccount("admin@pole.example", "Ariane Proulx", "superuser", (Role.DIRECTION,)),
)


def accounts_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-accounts.json"


@transaction.atomic
def seed(*, scale: int, rng: random.Random) -> None:
    """Makes the accounts that are missing. Passwords are drawn once for each installation.

    An account whose password is no longer in the file gets another. `rng` is for content: passwords
    and secrets come from the system.
    """
    known = _read_file()
    _write_file([_ensure_account(account, known.get(account.email)) for account in ACCOUNTS])


def _ensure_account(account: DemoAccount, stored: DemoCredentials | None) -> DemoCredentials:
    person, is_new = User.objects.get_or_create(
        email=account.email,
        defaults={
            "name": account.name,
            "roles": list(account.roles),
            "is_superuser": account.role == "superuser",
        },
    )
    if is_new:
        record_changes(person, before=role_columns(User()), by=None)
    password = stored["password"] if stored and not is_new else secrets.token_urlsafe(12)
    if is_new or not stored:
        person.set_password(password)
        person.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=person, email=account.email, defaults={"verified": True, "primary": True}
    )
    secret = _totp_secret(person) if account.roles else None
    return DemoCredentials(email=account.email, password=password, role=account.role, totp_secret=secret)


def _totp_secret(person: User) -> str:
    """The secret of this person's app, linked now when it was not, with recovery codes."""
    factor = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if factor is None:
        factor = TOTP.activate(person, generate_totp_secret()).instance
    RecoveryCodes.activate(person)
    return str(decrypt(factor.data["secret"]))


def _read_file() -> dict[str, DemoCredentials]:
    """The credentials in the file, by e-mail address; none when it is missing or damaged."""
    try:
        entries: Any = json.loads(accounts_file().read_text(encoding="utf-8"))
        return {entry["email"]: entry for entry in entries if entry["password"]}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _write_file(entries: list[DemoCredentials]) -> None:
    """Replaces the file whole, readable by its owner only from its first byte."""
    text = json.dumps(entries, ensure_ascii=False, indent=2) + "\n"
    write_whole(accounts_file(), text.encode())
