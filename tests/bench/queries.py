"""What people type in a directory of social economy, with and without filters."""

from __future__ import annotations

from urllib.parse import urlencode

_QUERIES: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("", {"mrc": "67"}),
    ("", {"secteur": "habitation", "forme": "coop_solidarity"}),
    ("", {"municipalite": "67050"}),
    ("épicerie", {}),
    ("entretien menager", {}),
    ("garderie", {}),
    ("garderie", {"municipalite": "70052"}),
    ("cpe", {"mrc": "71"}),
    ("coopérative de solidarité", {}),
    ("coop d’habitation", {"mrc": "58"}),
    ("traiteur pour une réunion", {}),
    ("traiteur", {"mrc": "70"}),
    ("érabel", {}),
    ("produits de l’érable", {"secteur": "agriculture-foret"}),
    ("aide à domicile pour personnes âgées", {}),
    ("répit proche aidant", {"mrc": "69"}),
    ("friperie", {}),
    ("vêtements usagés", {"secteur": "environnement-reemploi"}),
    ("réparation de vélos", {}),
    ("vélo", {"forme": "npo"}),
    ("salle à louer", {}),
    ("camping au bord de l’eau", {"secteur": "tourisme-evenements"}),
    ("transport adapté", {}),
    ("taxi", {"mrc": "68"}),
    ("organisme d’insertion en emploi", {}),
    ("formation en français", {}),
    ("théâtre jeunesse", {"secteur": "culture-patrimoine"}),
    ("radio communautaire", {}),
    ("traduction", {}),
    ("comptabilité pour OBNL", {}),
    ("imprimerie", {"municipalite": "58227"}),
    ("menuiserie charpente", {}),
    ("panier de légumes biologiques", {}),
    ("banque alimentaire", {"mrc": "67"}),
    ("popote roulante", {}),
    ("logement abordable", {}),
    ("clinique", {"mrc": "70"}),
    ("informatique", {}),
    ("coopérative funéraire", {}),
    ("camp de jour pour enfants", {}),
    ("Châteauguay", {}),
    ("ferme à Saint-Rémi", {"tri": "nom"}),
    ("deneigement", {"page": "2"}),
]


def paths(under: str = "/repertoire/") -> list[str]:
    """The addresses of the written searches, in the order in which they are asked."""
    return [under + "?" + urlencode(({"q": words} if words else {}) | filters) for words, filters in _QUERIES]
