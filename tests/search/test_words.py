"""What words, acronyms and identifiers are reduced to, so that people find what was written otherwise."""

from __future__ import annotations

import random
import re

import pytest

from pole.search.documents import LONGEST_BEGINNING, _beginnings
from pole.search.identifiers import SHORTEST, SHORTEST_NUMBER, read, whole_name
from pole.search.stems import (
    family,
    initials,
    is_stop_word,
    joined,
    singulars,
    stem,
    stems_of,
    tell_nothing,
)
from pole.search.words import MAX_WORDS, query_words, telling_words, unaccented

PLURALS = """
abeille abeilles|agneau agneaux|aidant aidants|aîné aînés|aliment aliments|ami amis|animal animaux|appel appels
|atelier ateliers|avis avis|bateau bateaux|bijou bijoux|bleu bleus|boulangerie boulangeries|bureau bureaux|canal canaux
|cheval chevaux|clé clés|comité comités|conseil conseils|coopérative coopératives|couteau couteaux|culturel culturels
|détail détails|eau eaux|école écoles|emploi emplois|enfant enfants|érable érables|festival festivals|feu feux
|foyer foyers|fruit fruits|garderie garderies|gâteau gâteaux|hôpital hôpitaux|jardin jardins|jeu jeux|journal journaux|légume légumes
|lieu lieux|local locaux|loisir loisirs|loyer loyers|menu menus|métal métaux|meuble meubles|miel miels|morceau morceaux
|neveu neveux|niveau niveaux|noyau noyaux|oeuf oeufs|outil outils|parent parents|prix prix|repas repas|réseau réseaux
|ruche ruches|sou sous|tableau tableaux|travail travaux|trésor trésors|tuyau tuyaux|usager usagers|vélo vélos|verger vergers|vitrail vitraux
"""
ENGLISH_PLURALS = (
    "bakery bakeries|farm farms|senior seniors|bike bikes|service services|library libraries|toy toys"
)
PAIRS = [("fr", *pair.split()) for pair in PLURALS.split("|")]
PAIRS += [("en", *pair.split()) for pair in ENGLISH_PLURALS.split("|")]


@pytest.mark.parametrize(("language", "one", "several"), PAIRS)
def test_singular_and_plural_share_a_stem(language, one, several):
    one, several = unaccented(one), unaccented(several)
    assert stem(one, language) == stem(several, language)
    assert set(stems_of(one)) & set(stems_of(several))


def test_there_are_enough_of_them():
    assert len(PAIRS) >= 60


def random_text(rng: random.Random, most: int = 40) -> str:
    """Of all of Unicode, lone surrogates too."""
    ranges = [(0, 0x7F), (0, 0x24F), (0x300, 0x36F), (0x2000, 0x206F), (0xD800, 0xDFFF), (0, 0x10FFFF)]
    return "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(0, most)))


def test_no_text_breaks_anything():
    rng = random.Random(1)
    for _ in range(3000):
        text = random_text(rng)
        words, typed = telling_words(text), query_words(text)
        assert typed == list(dict.fromkeys(words))[:MAX_WORDS]
        assert all(re.fullmatch("[a-z0-9]+", word) for word in words)
        assert " " not in "".join(stems_of(words[0])) if words else True
        for word in words:
            # No word loses all of itself.
            assert all(stems_of(word))
            assert word in singulars(word)
            assert is_stop_word(word, "fr") in {True, False}
            assert word.startswith(family(word))
        assert len(joined(words)) == max(0, len(words) - 1)
        assert all(3 <= len(each) <= 7 for each in initials(words))
        assert isinstance(read(text), str)
        assert whole_name(text) == (f"= {' '.join(typed)}" if typed else "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Centre d’action bénévole de l’Anse", ["cab", "caba"]),
        ("Corporation de développement communautaire", ["cdc"]),
        ("Centre de la petite enfance Les Abeilles", ["cpe", "cpea"]),
        ("Carrefour jeunesse-emploi", ["cje"]),
        ("La Ruche", []),
        ("Les 3 mousquetaires du 2e rang d’Élie", ["mre"]),
        ("", []),
        ("Un deux trois quatre cinq six sept huit neuf dix", ["dtq", "dtqc", "dtqcs", "dtqcss", "dtqcssh"]),
    ],
)
def test_initials(name, expected):
    assert initials(telling_words(name)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1143456789", "1143456789"), ("1143 456 789", "1143456789"), ("114-345-6789", "1143456789"),
        ("450 555-1143", "4505551143"), ("(450) 555-1143", "4505551143"), ("450.555.1143", "4505551143"),
        ("+1 450 555-1143", "4505551143"), ("1-450-555-1143", "4505551143"), ("450", ""), ("4505", "4505"),
        ("J6J 1A1", "j6j1a1"), ("j6j1a1", "j6j1a1"), ("J6J", "j6j"), ("J6", ""), ("ab", ""), ("ruche", ""),
        ("Info@Ruche.example", "info@ruche.example"), ("info@", "info@"), ("@r", ""), ("ruche.example", "ruche.example"),
        ("https://www.ruche.example/", "ruche.example"), ("http://ruche.example", "ruche.example"),
        ("www.ruche.example/miel/", "ruche.example/miel"), ("WWW.RUCHE.EXAMPLE", "ruche.example"),
        ("450‑555‑1143", "4505551143"), ("450–555–1143", "4505551143"), ("450_555_1143", "4505551143"),
        ("450 555-1143, poste 12", "4505551143"), ("450 555-1143 #12", "4505551143"), ("450 555-1143 x 12", "4505551143"),
        ("tél. 450 555-1143", "4505551143"), ("tel:+14505551143", "4505551143"), ("NEQ 1143456789", "1143456789"),
        ("NEQ : 1143 456 789", "1143456789"), ("mailto:info@ruche.example", "info@ruche.example"),
        ("neq", ""), ("poste 12", ""), ("tel", ""),
        ("la ruche", ""), ("", ""), ("   ", ""), ("...", "..."), ("miel 2026", ""), ("\0", ""),
    ],
)  # fmt: skip
def test_identifier_is_read_however_it_is_written(typed, expected):
    assert read(typed) == expected


WRITTEN = {
    "1143456789": ["1143456789", "1143 456 789", "1143-456-789"],
    "450 555-1143": ["4505551143", "450 555-1143", "450-555-1143", "(450) 555-1143", "450.555.1143"],
    "info@la-ruche.example": ["info@la-ruche.example", "INFO@LA-RUCHE.EXAMPLE"],
    "J6J 1A1": ["J6J 1A1", "j6j1a1", "J6J-1A1"],
    "https://www.la-ruche.example/miel/": [
        "la-ruche.example/miel", "www.la-ruche.example/miel", "https://www.la-ruche.example/miel",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("stored", "typed"), [(s, t) for s, ways in WRITTEN.items() for t in ways])
def test_each_beginning_finds_it(stored, typed):
    """Once it is long enough to be told from a word: an address has its @ or its dot."""
    held = set(_beginnings(read(stored)))
    assert read(typed) in held
    for length in range(1, len(typed) + 1):
        begun = typed[:length]
        # "www." and "https://www.la" are no identifier yet.
        is_address = "@" in typed or ".example" in typed
        if is_address and re.fullmatch(r"(https://)?(www\.?)?[a-z-]*\.?|https:/?/?", begun.lower()):
            continue
        least = SHORTEST_NUMBER if re.sub(r"\W", "", typed).isdecimal() else SHORTEST
        if len(re.sub(r"[\s().-]", "", begun)) >= least:
            assert read(begun) in held, begun


def test_beginnings_are_bounded():
    address = read(f"{'a' * 200}@ruche.example")
    assert max(map(len, _beginnings(address))) == LONGEST_BEGINNING
    assert list(_beginnings("ab")) == []
    assert tell_nothing(["de", "la"], "fr")
    assert tell_nothing([], "fr")
    assert not tell_nothing(["de", "ruche"], "fr")
