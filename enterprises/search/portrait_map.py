"""The region as a quiet picture: land, and a disc for the enterprises of each place."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.search import region_map
from enterprises.search.pieces import map_land
from enterprises.search.snapshot import Snapshot
from pole.text.markup import EMPTY, Markup, joined

_PICTURE = Markup(
    '<svg class="region region--quiet" viewBox="{view_box}" role="img" aria-label="{said}">'
    '<g class="region__land">{land}</g><g class="region__discs">{discs}</g></svg>'
)
_DISC = Markup('<circle cx="{x}" cy="{y}" r="{radius}"/>')


def region_picture(snapshot: Snapshot) -> SafeString:
    """Nothing when no municipality has a position. The chart by place says in words what it shows."""
    drawn = region_map.draw("", region_map.placed_counts(snapshot.counts, snapshot), snapshot)
    if drawn is None:
        return EMPTY
    discs = [_DISC(x=each.x, y=each.y, radius=each.radius) for each in drawn.clusters]
    return _PICTURE(
        view_box=drawn.view_box, said=_("Map: each disc is a place, the larger the more enterprises it has"),
        land=map_land(drawn.ground), discs=joined(discs),
    )  # fmt: skip
