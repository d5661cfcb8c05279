"""The colours of the map’s discs are told apart by people who see few of them, and their figures are read."""

from __future__ import annotations

import itertools
import re

import pytest
from django.conf import settings

from pole.hub.colours import contrast

# Of linear light, as people see it: Machado, Oliveira and Fernandes, 2009, whole deficiency.
SEEN = {
    "everyone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}  # fmt: skip
# In CIELAB: what two discs side by side differ by, at least.
LEAST = 12


def palettes():
    """(disc, figure) of each key, in the light theme and in the dark one."""
    sheet = (settings.BASE_DIR / "static" / "css" / "pages" / "map.css").read_text()
    sheet = sheet[: sheet.index("Drawn by the server")]
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")
    discs = {name: re.findall(r"--disc: (#\w{6})", part) for name, part in (("light", light), ("dark", dark))}
    default = re.findall(r"--on-disc: (#\w{6})", light)[0]
    figures = [re.search(r"--on-disc: (#\w{6})", line) for line in light.splitlines() if "--disc: " in line]
    return {
        "light": list(
            zip(discs["light"], [found[1] if found else default for found in figures], strict=True)
        ),
        "dark": [(disc, re.findall(r"--on-disc: (#\w{6})", dark)[0]) for disc in discs["dark"]],
    }


def lab(colour, seen):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    red, green, blue = (
        max(0, sum(part * each for part, each in zip(row, linear, strict=True))) for row in seen
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", SEEN)
def test_no_two_discs_look_alike(theme, who):
    palette = palettes()[theme]
    assert len(palette) == 7
    for (one, _figure), (other, _other_figure) in itertools.combinations(palette, 2):
        apart = (
            sum((a - b) ** 2 for a, b in zip(lab(one, SEEN[who]), lab(other, SEEN[who]), strict=True)) ** 0.5
        )
        assert apart >= LEAST, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_read_on_their_disc(theme):
    for disc, figure in palettes()[theme]:
        assert contrast(disc, figure) >= 4.5, (disc, figure)
