"""« de » before a name of a place or of a person, as French says it."""

from __future__ import annotations

import pytest

from pole.text.elision import of


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Amqui", "d’Amqui"),
        ("Élie", "d’Élie"),
        ("Îles-de-la-Madeleine", "d’Îles-de-la-Madeleine"),
        ("Œuvre", "d’Œuvre"),
        ("Brossard", "de Brossard"),
        ("Yamachiche", "de Yamachiche"),
        ("Yves", "d’Yves"),
        ("Hérouxville", "d’Hérouxville"),
        ("Henryville", "d’Henryville"),
        ("Ham-Nord", "de Ham-Nord"),
        ("Havre-Saint-Pierre", "de Havre-Saint-Pierre"),
        ("Huntingdon", "de Huntingdon"),
        ("Les Cèdres", "des Cèdres"),
        ("Le Bic", "du Bic"),
        ("La Pocatière", "de La Pocatière"),
        ("L’Assomption", "de L’Assomption"),
        ("Lessard", "de Lessard"),
        ("Onze-Sapins", "de Onze-Sapins"),
        ("J0S 1Y0", "de J0S 1Y0"),
        ("", "de "),
    ],
)
def test_de_before_a_name(name, said):
    assert of(name) == said
