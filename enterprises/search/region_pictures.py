"""The region as a quiet picture: its land, and discs for what a page speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.search.land import WIDTH, Frame, draw_ground, placed_among
from enterprises.search.pieces import map_land
from enterprises.search.region_map import frame_of, placed_counts
from enterprises.search.snapshot import Snapshot
from pole.models import Municipality
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup

# Of a disc, in units of the drawing.
LEAST_RADIUS, MOST_RADIUS = 10.0, 40.0
_PICTURE = Markup(
    '<svg class="region region--quiet" viewBox="{view_box}" role="img" aria-label="{said}">'
    '<g class="region__land">{land}</g><g class="region__discs">{discs}</g></svg>'
)


def region_picture(snapshot: Snapshot) -> SafeString:
    """Every enterprise; nothing when no municipality has a position. The chart by place says it in words."""
    frame = _frame(None, snapshot)
    counts = placed_counts(snapshot.counts, snapshot)
    said = _("Map: each disc is a place, the larger the more enterprises it has")
    return _picture(frame, counts, snapshot, said) if frame else EMPTY


def place_picture(town: Municipality, snapshot: Snapshot) -> SafeString:
    """Where this municipality is among its neighbours; nothing when it has no position."""

    def draw() -> SafeString:
        frame = _frame(town, snapshot)
        said = _("Map: where %(town)s is") % {"town": town}
        return _picture(frame, {town.code: 1}, snapshot, said) if frame else EMPTY

    made: SafeString = snapshot.of_places.get_or_make(("picture", town.code, current_language()), draw)
    return made


def _frame(town: Municipality | None, snapshot: Snapshot) -> Frame | None:
    """What holds the part of the territory where this municipality is, or the territory."""
    everywhere = list(snapshot.municipalities.values())
    if town:
        return frame_of([row for row in everywhere if row.mrc_id == town.mrc_id], snapshot)
    return frame_of([row for row in everywhere if row.is_in_territory] or everywhere, snapshot)


def _picture(frame: Frame, counts: Mapping[str, int], snapshot: Snapshot, said: str) -> SafeString:
    most = max(counts.values(), default=0)
    discs = [
        _disc(row, counts[row.code] / most, frame)
        for row in placed_among(snapshot.municipalities.values())
        if counts.get(row.code)
    ]
    if not discs:
        return EMPTY
    ground = snapshot.of_places.get_or_make((frame, "land"), lambda: draw_ground(frame, snapshot))
    box = f"0 0 {WIDTH:.0f} {frame.height:.0f}"
    return _PICTURE(view_box=box, said=said, land=map_land(ground), discs=SafeString("".join(discs)))


def _disc(town: Municipality, share: float, frame: Frame) -> str:
    """Whose area says how many: `share` is of the largest. HTML, of numbers alone."""
    x, y = frame.point(float(town.latitude or 0), float(town.longitude or 0))
    radius = max(LEAST_RADIUS, MOST_RADIUS * share**0.5)
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}"/>'
