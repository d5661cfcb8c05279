"""What each package offers to « Premiers pas », the page by which a new hub is made ready to open.

`settings.FIRST_STEPS` gives, by the key of a step, a callable () -> FirstStep. What is missing is read from the data:
nobody ticks a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step: its page, and what is missing until it is done, in sentences for people."""

    title: str | Promise
    # What it is for, in a sentence.
    purpose: str | Promise
    url: str
    # The words of the link to its page.
    action: str | Promise
    missing: Sequence[str | Promise] = ()
    # What could be added, which nothing waits for.
    optional: Sequence[str | Promise] = ()

    @property
    def is_done(self) -> bool:
        return not self.missing
