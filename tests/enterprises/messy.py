"""A hub's list of 420 rows as years of hands leave one, with what each enterprise should become.

`rows()` gives the enterprises, `content()` the file that a hub would save: cp1252, a title above the header, a total
below the rows. Everything is drawn from the row's number, so that each run reads one file.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

TITLE = "Répertoire des entreprises collectives, mis à jour par la permanence"
HEADER = ["NomEntreprise", "No NEQ", "Adresse", "Ville", "Code Postal", "Tél.", "Courriel", "Site", "Type d’activité", "Notes"]  # fmt: skip
COUNT = 400

# Their word for a sector, and ours. None is a name or a synonym of ours.
SECTORS = {
    "AGRO": "agriculture-foret",
    "BOUFFE": "commerce-alimentaire",
    "MAD": "aide-domicile",
    "CULT": "culture-patrimoine",
    "LOGT": "habitation",
    "FAM": "petite-enfance-familles",
    "ENV.": "environnement-reemploi",
    "PA": "loisirs-plein-air",
}
# (as written, code): accents lost, abbreviations, capitals, a province; the last three, no table knows.
TOWNS = [
    ("Beauharnois", "70022"), ("BEAUHARNOIS (QUÉBEC)", "70022"), ("Ste-Martine", "70012"), ("Chateauguay", "67050"),
    ("CHÂTEAUGUAY, QC", "67050"), ("St-Rémi", "68055"), ("Saint Constant", "67035"), ("Ville de Mercier", "67045"),
    ("St-Étienne de Beauharnois", "70030"), ("Valleyfield", "70052"), ("ORMSTOWN", "69037"), ("huntingdon", "69055"),
    ("Vaudreuil Dorion", "71083"), ("L'Ile-Perrot", "71060"), ("Rigaud ", "71133"), ("La Prairie", "67015"),
    ("Pointe aux Érables", "70052"), ("Village-du-Ruisseau", "68055"), ("Côte-à-Fifine", "67050"),
]  # fmt: skip
UNKNOWN_TOWNS = dict(TOWNS[-3:])
# (as a name begins here, as it should read there, the legal form that it tells, or that the officer gives the rest).
KINDS = [
    ("Coop de travail", "Coop de travail", "coop_workers"),
    ("COOPÉRATIVE DE SOLIDARITÉ", "COOPÉRATIVE DE SOLIDARITÉ", "coop_solidarity"),
    ("Coopérative d’habitation", "Coopérative d’habitation", "coop_consumers"),
    ("Atelier", "Atelier", "npo"),
    ("Centre", "Centre", "npo"),
    ("Les Amis de", "Les Amis de", "npo"),
]
NOUNS = [
    "Varlope", "Quenouille", "Brindille", "Tourbière", "Clairière", "Lucarne", "Margelle", "Passerelle",
    "Girouette", "Charnière", "Moraine", "Sarcelle", "Bernache", "Trille", "Sittelle", "Gélinotte", "Épinette",
    "Pruche", "Chicoutai", "Salicaire", "Ancolie", "Sanguinaire", "Anémone", "Bardane", "Linaire", "Luzerne",
    "Fauche", "Meule", "Faucille", "Enclume", "Navette", "Quenouillère", "Bobine", "Trame", "Lisière", "Jachère",
    "Ondée", "Bruine", "Bourrasque", "Éclaircie", "Poudrerie", "Débâcle", "Batture", "Anse", "Crique", "Falaise",
    "Ravine", "Combe", "Butte", "Savane", "Tourelle", "Mansarde", "Véranda", "Galerie", "Chandelle", "Lanterne",
    "Veilleuse", "Boussole", "Sextante", "Vergue", "Misaine", "Drisse", "Bouée", "Balise", "Amarre", "Rabaska",
    "Pagaie", "Portageuse", "Besace", "Musette", "Gibecière", "Hotte", "Panerée", "Jatte", "Écuelle", "Louche",
    "Bassine", "Cruche", "Terrine", "Fournée", "Croûte", "Miette", "Levure", "Farandole", "Gigue", "Ritournelle",
    "Complainte", "Cymbale", "Vielle", "Guimbarde", "Bombarde", "Crécelle", "Toupie", "Marelle", "Bascule",
    "Cerceau", "Mitaine", "Tuque", "Crémone", "Courtepointe", "Catalogne", "Ceinturée", "Babiche", "Raquette",
    "Traîne", "Carriole", "Berline",
]  # fmt: skip
PLACES = ["des Grands-Vents", "à Ti-Jean", "du Troisième Souffle", "de la Onzième Heure"]
EMPTY = ["", "NA", "n/d", "-", "?", "aucun", "S/O", "N/A", "—", "aucune"]


@dataclass
class Row:
    """An enterprise as it should be, and the cells that a hub wrote of it."""

    number: int
    cells: list[str]
    name: str
    town: str
    neq: str = ""
    postal_code: str = ""
    phone: str = ""
    email: str = ""
    sector: str = ""
    legal_form: str = ""
    # The number of the row that is the same enterprise, or -1.
    same_as: int = -1
    tags: set[str] = field(default_factory=set)


def neq_of(number: int) -> str:
    """A number that none of the register has to be: its last digit makes Luhn's sum right."""
    body = f"{4_700_000 + 37 * number:07d}"
    total = sum(sum(divmod(2 * int(digit), 10)) for digit in body[::-2]) + sum(
        int(digit) for digit in body[-2::-2]
    )
    return f"11{body}{-total % 10}"


def rows() -> list[Row]:
    made = [_row(number) for number in range(COUNT)]
    return made + [_again(made[17 * step], COUNT + step) for step in range(20)]


def _row(number: int) -> Row:
    begins, reads, legal_form = KINDS[number % len(KINDS)]
    noun, place = NOUNS[number % len(NOUNS)], PLACES[number // len(NOUNS)]
    name = f"{begins} La {noun} {place}" if begins != "Les Amis de" else f"{begins} la {noun} {place}"
    expected = name.replace(begins, reads)
    written_town, town = TOWNS[number % len(TOWNS)]
    their_sector, sector = list(SECTORS.items())[number % len(SECTORS)]
    neq, empty = neq_of(number), EMPTY[number % len(EMPTY)]
    postal_code = f"J{number % 9 + 1}{'ABCEGHJKLM'[number % 10]} {number % 8}{'NPRSTVWXYZ'[number // 10 % 10]}{number % 7 + 1}"
    phone, email = f"+1450555{number:04d}", f"bonjour{number}@courrier.example"
    written = {
        "name": [name, f"{name} ", f"« {name} »", f'"{name}"', name.replace("’", "'"), name][number % 6],
        "neq": [neq, f"{neq}.0", f"{neq[:4]} {neq[4:7]} {neq[7:]}", empty, f"NEQ : {neq}"][number % 5],
        "postal": [postal_code, postal_code.lower().replace(" ", ""), postal_code.replace(" ", "-"),
                   postal_code.replace("0", "O"), f" {postal_code}"][number % 5],
        "phone": [f"450 555-{number:04d}", f"450555{number:04d}.0", f"(450) 555.{number:04d} p. 12",
                  f"1-450-555-{number:04d}", f"450 555-{number:04d} / 450 555-9{number:03d}"][number % 5],
        "email": [email, email.upper().replace("BONJOUR", "bonjour").lower(), f"mailto:{email}",
                  f"{email}; second{number}@courrier.example", empty][number % 5],
    }  # fmt: skip
    street = [
        f"{number + 1} RUE Principale",
        f"{number + 1}, rue du Quai APP: 3",
        f"{number + 1} ch. du Canal CP: {number}",
    ]
    cells = [
        written["name"], written["neq"], street[number % 3], written_town, written["postal"], written["phone"],
        written["email"], empty, their_sector, EMPTY[(number + 3) % len(EMPTY)],
    ]  # fmt: skip
    return Row(
        number, cells, expected, town, "" if number % 5 == 3 else neq, postal_code, phone,
        "" if number % 5 == 4 else email, sector, legal_form,
    )  # fmt: skip


def _again(row: Row, number: int) -> Row:
    """The same enterprise once more, as another hand wrote it; what tells it differs from one to the next."""
    short = row.name.replace("COOPÉRATIVE DE SOLIDARITÉ", "Coop de solidarité").replace("Coopérative d’habitation", "Coop d’habitation")  # fmt: skip
    begins, noun = re.split(" [Ll]a ", short, maxsplit=1)
    cells = list(row.cells)
    cells[0] = [f"{short} inc.", short.upper(), f"{noun}, {begins}"][number % 3]
    cells[1] = ["", row.neq][number % 2]
    cells[2] = cells[8] = ""
    return Row(number, cells, row.name, row.town, same_as=row.number)


def content(made: list[Row] | None = None) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    made = made or rows()
    writer.writerow([TITLE] + [""] * (len(HEADER) - 1))
    writer.writerow([""] * len(HEADER))
    writer.writerow(HEADER)
    writer.writerows(row.cells for row in made)
    writer.writerow([f"Total : {len(made)} lignes"] + [""] * (len(HEADER) - 1))
    return buffer.getvalue().encode("cp1252")
