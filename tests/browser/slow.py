"""Requests that wait for the test, as on a slow network."""

from __future__ import annotations

from tests.browser.soon import soon


class Held:
    """Requests of `page` whose address has this form: each waits for `answer` or `fail`, the first one first."""

    def __init__(self, page, address):
        self.page, self.routes = page, []
        page.route(address, self._hold)

    def _hold(self, route):
        self.routes.append(route)

    def wait(self, count=1):
        """Until so many wait."""
        soon(self.page, lambda: len(self.routes) >= count)

    def answer(self):
        self.routes.pop(0).continue_()

    def fail(self):
        self.routes.pop(0).abort()
