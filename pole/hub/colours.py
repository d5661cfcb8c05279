"""The contrast of the hub's two colours: WCAG 2 contrast, and a lighter twin for the dark theme."""

from __future__ import annotations

WHITE, NIGHT = "#ffffff", "#14181a"
MINIMUM_CONTRAST = 4.5


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast ratio of two colours like "#1f5c3f", from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def for_dark_theme(colour: str) -> str:
    """The nearest lighter shade that can be read on the dark background, with a margin."""
    for step in range(21):
        shade = mixed(colour, WHITE, step / 20)
        if contrast(shade, NIGHT) >= MINIMUM_CONTRAST + 2:
            return shade
    return WHITE


def is_readable(colour: str) -> bool:
    """Whether white text on `colour`, and `colour` on white, both pass AA."""
    return contrast(colour, WHITE) >= MINIMUM_CONTRAST
