"""Requests that wait for the test, as on a slow network."""

from __future__ import annotations


class Held:
    """Requests of `page` whose address has this form: each waits for `answer` or `fail`, the first one first."""

    def __init__(self, page, address):
        self.page, self.routes = page, []
        page.route(address, self._hold)

    def _hold(self, route):
        self.routes.append(route)

    def wait(self, count=1):
        """Until so many wait; fails after 10 s."""
        for _ in range(200):
            if len(self.routes) >= count:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.routes)} requests, not {count}")

    def answer(self):
        self.routes.pop(0).continue_()

    def fail(self):
        self.routes.pop(0).abort()
