"""Lists of municipalities of two regions: the official form of Québec, and one of a département of France."""

from __future__ import annotations

import csv
import io

# The columns of MUN.csv that matter here are among some thirty; the order is not promised.
QUEBEC_HEADER = (
    "mcode", "munnom", "mcodedesi", "mdes", "mdatcons", "mpopul", "msuperf", "mtel", "mcourriel", "mweb", "regadm", "mrc",
)  # fmt: skip
_BAS_SAINT_LAURENT = [
    ("10043", "Rimouski", "V", "Ville", "MRC Rimouski-Neigette (100)"),
    ("10070", "Saint-Anaclet-de-Lessard", "P", "Paroisse", "MRC Rimouski-Neigette (100)"),
    ("10060", "Esprit-Saint", "M", "Municipalité", "MRC Rimouski-Neigette (100)"),
    ("12072", "Rivière-du-Loup", "V", "Ville", "MRC Rivière-du-Loup (120)"),
    ("12057", "L'Isle-Verte", "M", "Municipalité", "MRC Rivière-du-Loup (120)"),
    ("12015", "Saint-Antonin", "M", "Municipalité", "MRC Rivière-du-Loup (120)"),
    ("14018", "Kamouraska", "M", "Municipalité", "MRC Kamouraska (140)"),
    ("14085", "La Pocatière", "V", "Ville", "MRC Kamouraska (140)"),
    ("14065", "Saint-Denis-De La Bouteillerie", "M", "Municipalité", "MRC Kamouraska (140)"),
    ("10801", "Cacouna", "RI", "Réserve indienne", "Hors MRC"),
]
_ELSEWHERE = [
    ("01023", "Les Îles-de-la-Madeleine", "M", "Municipalité", "Gaspésie--Îles-de-la-Madeleine (11)", "Hors MRC"),
    ("67802", "Kahnawake", "RI", "Réserve indienne", "Montérégie (16)", "Hors MRC"),
    ("94068", "Saguenay", "V", "Ville", "Saguenay--Lac-Saint-Jean (02)", "Hors MRC"),
    ("94265", "Larouche", "M", "Municipalité", "Saguenay--Lac-Saint-Jean (02)", "MRC Le Fjord-du-Saguenay (942)"),
]  # fmt: skip
POSITIONS = {
    "10043": ("48,450", "-68,530"), "10070": ("48,478", "-68,427"), "10060": ("48,089", "-68,539"),
    "12072": ("47,833", "-69,533"), "14018": ("47,566", "-69,873"), "14085": ("47,367", "-70,033"),
}  # fmt: skip
# INSEE codes, one with a letter, and communautés de communes with their nine digits; fictional towns.
FRENCH_HEADER = ("COM", "LIBELLE", "EPCI", "LIBEPCI", "Latitude", "Longitude")
_FRENCH = [
    ("63901", "Valnoire", "200999001", "CC des Monts Dorés", "45.777", "3.082"),
    ("63902", "Pierrefeu-le-Haut", "200999001", "CC des Monts Dorés", "45.801", "3.117"),
    ("2A904", "Castellu di Mare", "200999002", "CC du Golfe", "41.926", "8.737"),
]


def _csv(header, rows, delimiter=",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def quebec_rows() -> list[list[str]]:
    whole = [(*row[:4], "Bas-Saint-Laurent (01)", row[4]) for row in _BAS_SAINT_LAURENT] + _ELSEWHERE
    return [
        [code, name, short, kind, "1857-07-01", "1 234", "12,5", "418 555-0100", "info@exemple.example", "", region, mrc]
        for code, name, short, kind, region, mrc in whole
    ]  # fmt: skip


def quebec_file(rows=None, *, encoding="utf-8-sig") -> bytes:
    return _csv(QUEBEC_HEADER, quebec_rows() if rows is None else rows).encode(encoding)


def positions_file() -> bytes:
    rows = [(code, *position) for code, position in POSITIONS.items()]
    return _csv(("code", "latitude", "longitude"), rows, ";").encode()


def french_file() -> bytes:
    return _csv(FRENCH_HEADER, _FRENCH, ";").encode()
