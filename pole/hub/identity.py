"""The hub's identity, menus and partners, which every page shows: cached in the process under their content version."""

from __future__ import annotations

from dataclasses import dataclass, field

from pole.caching.in_process import BoundedCache, process_cache
from pole.hub.addresses import page_slug
from pole.models import Hub, MenuItem, Partner


@dataclass(frozen=True, slots=True)
class Identity:
    hub: Hub
    header: tuple[MenuItem, ...]
    footer: tuple[MenuItem, ...]
    partners: tuple[Partner, ...] = ()
    # What `{% cached %}` has rendered for this version of the hub.
    cached_fragments: dict[tuple[object, ...], str] = field(default_factory=dict, compare=False)
    # The slug of the page that an entry leads to, by its key.
    _page_of: dict[int, str] = field(default_factory=dict, compare=False)

    @property
    def is_described(self) -> bool:
        return not self.hub._state.adding

    def entries_that_wait(self, public_slugs: frozenset[str]) -> frozenset[int]:
        """The keys of the entries whose page visitors may not read yet: they are shown once it is published."""
        return frozenset(key for key, slug in self._page_of.items() if slug not in public_slugs)

    def sections_of(self, path: str) -> tuple[str, ...]:
        """The addresses of the main menu that `path`, without its language prefix, begins with."""
        return tuple(item.address for item in self.header if path.startswith(item.address))


# By content version.
_identities: BoundedCache[int, Identity] = process_cache(limit=1)


def get_identity(version: int) -> Identity:
    """The hub and its menus at a content version of the scope "hub": no query when they are cached."""
    return _identities.get_or_make(version, _read_identity)


def _read_identity() -> Identity:
    hub = Hub.objects.select_related("municipality").first() or Hub(
        name="Pôle d’économie sociale", name_en="Social economy hub"
    )
    items = list(MenuItem.objects.all())
    return Identity(
        hub=hub,
        header=tuple(item for item in items if item.place == MenuItem.Place.HEADER),
        footer=tuple(item for item in items if item.place == MenuItem.Place.FOOTER),
        partners=tuple(Partner.objects.filter(is_removed=False)),
        _page_of={item.pk: slug for item in items if (slug := page_slug(item.address))},
    )


def cached_identity() -> Identity | None:
    """What this process last read, perhaps out of date: for the page that says the database is away."""
    return next(iter(list(_identities.values())), None)
