"""A text that someone without an account is asked to read."""

from __future__ import annotations

import time
import uuid

from django.utils import timezone

from desk.readings import asking
from desk.readings.forms import RemarkForm
from desk.readings.passages import Passage
from tests.factories import UserFactory


class Asked:
    """`reading`, `token` and `address` of one reader of `owner`."""

    def __init__(self, owner, *, name="Rose Cyr", email="", now=None):
        self.reading, self.link = asking.ask(
            owner=owner, name=name, email=email, key=uuid.uuid4(),
            by=UserFactory(is_staff=True), now=now or timezone.now(),
        )  # fmt: skip
        self.token = self.link.rstrip("/").rpartition("/")[2]
        self.address = f"/relecture/{self.token}/"

    def form(self, text="Un mot de trop.", **passage):
        """What their page sends, a moment after it was shown."""
        shown = RemarkForm.token.make(uuid.uuid4().hex, int(time.time()) - 10)
        return {
            "field": "",
            "words": "",
            "occurrence": "0",
            "subject": "",
            "shown": shown,
            "text": text,
        } | passage

    def remark(self, text="Un mot de trop.", field="", words="", occurrence=0):
        return asking.remark(
            token=self.token, passage=Passage(field, words, occurrence), text=text,
            key=uuid.uuid4(), now=timezone.now(),
        )  # fmt: skip
