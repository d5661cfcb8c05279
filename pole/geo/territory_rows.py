"""A municipality as a file says it, and what a whole file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pole.models import Mrc, Municipality

# Rings of points (longitude, latitude): of each polygon its outline, then its holes. As in GeoJSON.
type Boundary = list[list[list[list[float]]]]


class TerritoryFileError(Exception):
    """The file is refused: one sentence for each reason."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    code: str
    name: str
    designation: str
    mrc_code: str
    mrc_name: str
    mrc_kind: str
    latitude: Decimal | None
    longitude: Decimal | None
    region: str = ""
    # None: the file draws none.
    boundary: Boundary | None = None

    @classmethod
    def of(cls, town: Municipality) -> TerritoryRow:
        """As it is stored, but for its boundary. Reads its MRC."""
        mrc = (town.mrc.code, town.mrc.name, town.mrc.kind) if town.mrc else ("", "", Mrc.Kind.MRC.value)
        return cls(town.code, town.name, town.designation, *mrc, town.latitude, town.longitude, town.region)

    def as_json(self) -> list[Any]:
        return [*(str(value) if isinstance(value, Decimal) else value for value in (
            self.code, self.name, self.designation, self.mrc_code, self.mrc_name, self.mrc_kind,
            self.latitude, self.longitude, self.region, self.boundary))]  # fmt: skip

    @classmethod
    def from_json(cls, values: list[Any]) -> TerritoryRow:
        code, name, designation, mrc_code, mrc_name, mrc_kind, *position, region = values[:9]
        latitude, longitude = (None if degrees is None else Decimal(degrees) for degrees in position)
        # A list that was sent before boundaries were read has nine values.
        boundary = values[9] if len(values) > 9 else None
        return cls(
            code, name, designation, mrc_code, mrc_name, mrc_kind, latitude, longitude, region, boundary
        )


@dataclass(frozen=True, slots=True)
class TerritoryFile:
    """What a file says, before it is compared with what is stored."""

    rows: dict[str, TerritoryRow]
    # What takes the place of a code that is gone, as the file writes it: a code, or a name.
    successors: dict[str, str] = field(default_factory=dict)
    # The names of these codes, for those that were never stored.
    names: dict[str, str] = field(default_factory=dict)
    # What was read otherwise than it is written, or left aside: sentences.
    notes: tuple[str, ...] = ()
