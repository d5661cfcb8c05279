"""What an import asks of staff beside its rows: its columns, the towns and the words that are not ours."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Min
from django.db.models.fields.json import KT
from django.utils.text import capfirst

from enterprises.importing import remembered
from enterprises.importing.columns import FIELDS
from enterprises.importing.reading import VALUE_FIELDS, municipality_label
from enterprises.models import Import, Listing, RememberedValue, Sector
from pole.models import Mrc, Municipality

# The most frequent first; the rest once those are answered.
MAX_TOWNS, MAX_WORDS = 60, 80
SAMPLE_ROWS = 3
type Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TownAsked:
    written: str
    rows: int
    likely: Choices
    # The code that was answered, "out", or "" when nobody did.
    chosen: str = ""
    chosen_name: str = ""


@dataclass(frozen=True, slots=True)
class WordAsked:
    """`word` is "field:written", as `ImportRow.unknown`."""

    word: str
    written: str
    label: str
    rows: int
    choices: Choices
    takes_several: bool
    chosen: list[str] = field(default_factory=list)

    @property
    def slots(self) -> list[str]:
        """What each list of choices shows: one more than what was chosen, when a word may mean several things."""
        if not self.takes_several:
            return self.chosen[:1] or [""]
        return [*(self.chosen or [""]), ""]


def context_of(spreadsheet_import: Import) -> dict[str, Any]:
    """Some ten queries, whatever the file."""
    towns, words = towns_asked(spreadsheet_import), words_asked(spreadsheet_import)
    return {
        "columns": _columns(spreadsheet_import),
        "fields": [(name, capfirst(str(label))) for name, label in FIELDS.items()],
        "towns": towns,
        "open_towns": sum(1 for town in towns if not town.chosen),
        "all_towns": [municipality_label(each) for each in _known_towns()] if towns else [],
        "words": words,
        "open_words": sum(1 for word in words if not word.chosen),
    }


def _known_towns() -> Any:
    return Municipality.objects.in_territory().select_related("mrc")


def _columns(spreadsheet_import: Import) -> list[tuple[int, str, str, str]]:
    samples = list(spreadsheet_import.rows.values_list("cells", flat=True)[:SAMPLE_ROWS])
    return [
        (at, name, chosen, " · ".join(row[at] for row in samples if row[at])[:80])
        for at, (name, chosen) in enumerate(
            zip(spreadsheet_import.header, spreadsheet_import.mapping, strict=True)
        )
    ]


def towns_asked(spreadsheet_import: Import) -> list[TownAsked]:
    """The towns that no name matches surely, and those that were answered; the unanswered first, then by their rows."""
    counted = list(
        spreadsheet_import.rows.exclude(place="")
        .order_by()
        .values("place")
        .annotate(
            total=Count("pk"),
            written=Min(KT("cleaned__written_municipality")),
            towns=Min(KT("cleaned__towns")),
        )
    )
    places = [each["place"] for each in counted]
    answers = remembered.read_answers([remembered.MUNICIPALITY], places)[remembered.MUNICIPALITY]
    asked = sorted(counted, key=lambda each: (each["place"] in answers, -each["total"], each["place"]))[
        :MAX_TOWNS
    ]
    codes = [values[0] for each in asked if (values := answers.get(each["place"]))]
    names = {
        town.code: municipality_label(town)
        for town in Municipality.objects.filter(code__in=codes).select_related("mrc")
    }
    found = []
    for each in asked:
        values = answers.get(each["place"])
        chosen = "" if values is None else values[0] if values else "out"
        found.append(
            TownAsked(each["written"], each["total"], _pairs(each["towns"]), chosen, names.get(chosen, ""))
        )
    return found


def _pairs(stored: str | None) -> Choices:
    return [(code, label) for code, label in json.loads(stored or "[]")]


def words_asked(spreadsheet_import: Import) -> list[WordAsked]:
    """Their words for sectors, legal forms, MRCs and languages that are not ours, with what was answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, count(*) FROM enterprises_importrow, unnest(unknown) AS word"
            " WHERE spreadsheet_import_id = %s GROUP BY word ORDER BY count(*) DESC, word",
            [spreadsheet_import.pk],
        )
        counted = cursor.fetchall()
    words = [word.partition(":") for word, _rows in counted]
    answers = remembered.read_answers(
        [str(each) for each in VALUE_FIELDS],
        {remembered.value_key(name, written) for name, _colon, written in words},
    )
    choices = choices_of_fields() if counted else {}
    found = []
    for word, rows in counted:
        name, _colon, written = word.partition(":")
        chosen = answers[name].get(remembered.value_key(name, written))
        found.append(
            WordAsked(
                word,
                written,
                capfirst(str(RememberedValue.Field(name).label)),
                rows,
                choices[name],
                VALUE_FIELDS[RememberedValue.Field(name)],
                [] if chosen is None else chosen or ["none"],
            )
        )
    return sorted(found, key=lambda each: bool(each.chosen))[:MAX_WORDS]


def choices_of_fields() -> dict[str, Choices]:
    """(code, name) of each value of ours: two queries."""
    return {
        "sectors": [(sector.slug, sector.name) for sector in Sector.objects.all()],
        "legal_form": [(value, str(label)) for value, label in Listing.LegalForm.choices],
        "territory": [(mrc.code, str(mrc)) for mrc in Mrc.objects.in_territory()],
        "languages": [(value, str(label)) for value, label in Listing.Language.choices],
    }


def shown_answers(answers: list[RememberedValue]) -> list[tuple[RememberedValue, str]]:
    """Each answer with what it says, in words; "" when what bears the word is left out."""
    names = {(name, code): label for name, choices in choices_of_fields().items() for code, label in choices}
    codes = [each.values[0] for each in answers if each.field == remembered.MUNICIPALITY and each.values]
    for town in Municipality.objects.filter(code__in=codes).select_related("mrc"):
        names[remembered.MUNICIPALITY, town.code] = municipality_label(town)
    return [
        (each, ", ".join(names.get((each.field, value), value) for value in each.values)) for each in answers
    ]
