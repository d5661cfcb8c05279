"""Sessions as Django keeps them, with whose they are and the day on which they were last used.

Same table and same content as Django's own (`django_session`): the row is the session, so that what is listed is never
a ghost of a key that changed, and goes when the session does. Neither an address nor the header of the browser is kept:
at sign-in, `accounts.sign_in.devices` writes its name and that of the system into the session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Session(AbstractBaseSession):
    """A browser that is signed in, or that waits for something without being so: then it is nobody's."""

    # Without a constraint: a session that begins while its account is erased is that of nobody, and ends by itself.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    # A day: an hour would say when somebody voted.
    last_used_on = models.DateField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        db_table = "django_session"
        indexes = [
            models.Index(
                fields=["user", "-last_used_on"], condition=Q(user__isnull=False), name="session_of_a_person"
            )
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore

    @property
    def handle(self) -> str:
        """Names it on a page, where its key would open the account."""
        return salted_hmac("accounts.session", self.session_key, algorithm="sha256").hexdigest()[:32]


# The name of the class is part of the salt with which Django signs what it keeps.
class SessionStore(DatabaseSessionStore):
    # What the row said when it was read.
    stored_day: Any = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # the stubs lack it
        self.stored_day = row.last_used_on if row else None
        return self.decode(row.session_data) if row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # of `get_model_class`
        if SESSION_KEY in data:
            row.user_id, row.last_used_on = int(data[SESSION_KEY]), timezone.localdate()
        return row


def note_use(get_response: Callable[[HttpRequest], HttpResponseBase]) -> GetResponse:
    """Once a day, and never on a page that everyone reads alike: that this session was used."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session = request.session
        is_read = session.accessed and not session.modified and request.method in {"GET", "HEAD"}
        if is_read and SESSION_KEY in session and "public" not in response.headers.get("Cache-Control", ""):
            today = timezone.localdate()
            if getattr(session, "stored_day", today) != today:
                rows = Session.objects.filter(pk=session.session_key)
                rows.update(user=session[SESSION_KEY], last_used_on=today)
        return response

    return middleware


def is_live(row: Session, data: dict[str, Any], auth_hashes: Sequence[str]) -> bool:
    """Whether the session still opens the account: a new password ends those before it, wherever it was set.

    `auth_hashes`: under `SECRET_KEY` and under each of its fallbacks, as Django takes them.
    """
    signed = str(data.get(HASH_SESSION_KEY, ""))
    is_own = data.get(SESSION_KEY) == str(row.user_id)
    return is_own and any(constant_time_compare(signed, each) for each in auth_hashes)
