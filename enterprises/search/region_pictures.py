"""The region as a quiet picture: its land, and discs for what a page speaks of."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.search import region_map
from enterprises.search.pieces import map_land
from enterprises.search.snapshot import Snapshot
from pole.geo.levels import NO_MRC
from pole.models import Municipality
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup, joined

_PICTURE = Markup(
    '<svg class="region region--quiet" viewBox="{view_box}" role="img" aria-label="{said}">'
    '<g class="region__land">{land}</g><g class="region__discs">{discs}</g></svg>'
)
_DISC = Markup('<circle cx="{x}" cy="{y}" r="{radius}"/>')


def region_picture(snapshot: Snapshot) -> SafeString:
    """Every enterprise; nothing when no municipality has a position. The chart by place says it in words."""
    counts = region_map.placed_counts(snapshot.counts, snapshot)
    return _picture(
        "", counts, snapshot, _("Map: each disc is a place, the larger the more enterprises it has")
    )


def place_picture(town: Municipality, snapshot: Snapshot) -> SafeString:
    """Where this municipality is among its neighbours; nothing when it has no position."""

    def draw() -> SafeString:
        if town.code not in snapshot.municipalities:  # published since the snapshot
            return EMPTY
        said = _("Map: where %(town)s is") % {"town": town}
        return _picture(town.mrc_id or NO_MRC, {town.code: 1}, snapshot, said)

    made: SafeString = snapshot.of_places.get_or_make(("picture", town.code, current_language()), draw)
    return made


def _picture(zone: str, counts: dict[str, int], snapshot: Snapshot, said: str) -> SafeString:
    drawn = region_map.draw(zone, counts, snapshot)
    if drawn is None or not drawn.clusters:
        return EMPTY
    discs = [_DISC(x=each.x, y=each.y, radius=each.radius) for each in drawn.clusters]
    return _PICTURE(view_box=drawn.view_box, said=said, land=map_land(drawn.ground), discs=joined(discs))
