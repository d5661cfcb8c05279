"""The hub as every page shows it: read once a change, not once a request."""

from __future__ import annotations

from dataclasses import dataclass, field

from pole.models import Hub, MenuItem


@dataclass(frozen=True, slots=True)
class Identity:
    hub: Hub
    header: tuple[MenuItem, ...]
    footer: tuple[MenuItem, ...]
    # What `{% kept %}` has rendered for this state of the hub.
    parts: dict[tuple[object, ...], str] = field(default_factory=dict, compare=False)

    def under(self, path: str) -> tuple[str, ...]:
        """The addresses of the main menu under which a path lies, written without its language."""
        return tuple(item.address for item in self.header if path.startswith(item.address))


_latest: tuple[int, Identity] | None = None


def identity_at(version: int) -> Identity:
    """The hub and its menus at a content version of the room "hub": no query when it is known."""
    global _latest  # noqa: PLW0603 - one immutable value, swapped whole
    known = _latest
    if known and known[0] == version:
        return known[1]
    hub = Hub.objects.select_related("municipality").first() or Hub(name="Pôle d’économie sociale")
    items = list(MenuItem.objects.all())
    identity = Identity(
        hub=hub,
        header=tuple(item for item in items if item.place == MenuItem.Place.HEADER),
        footer=tuple(item for item in items if item.place == MenuItem.Place.FOOTER),
    )
    _latest = (version, identity)
    return identity


def last_known() -> Identity | None:
    """What this process last knew of the hub: for the page that says the database is away."""
    return _latest[1] if _latest else None


def forget() -> None:
    """Drops what this process remembers: for tests, whose transactions take versions back."""
    global _latest  # noqa: PLW0603 - see identity_at
    _latest = None
