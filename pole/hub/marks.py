"""The hub's mark on a square of its colour, for icons and drawn cards; `templates/components/mark.html` is that of pages."""

from __future__ import annotations

_DOTS = (
    '<circle cx="11" cy="12" r="4.5"/><circle cx="21" cy="12" r="4.5"/><circle cx="16" cy="21.5" r="4.5"/>'
)


def mark_svg(colour: str, *, is_maskable: bool = False) -> str:
    """White dots on a square of `colour`. `is_maskable`: the square fills the picture, and the dots stay in the circle
    of four fifths that systems keep."""
    corner = 0 if is_maskable else 7
    dots = (
        f'<g transform="translate(16 16.5) scale(.8) translate(-16 -16.5)">{_DOTS}</g>'
        if is_maskable
        else _DOTS
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="{corner}" fill="{colour}"/><g fill="#fff">{dots}</g></svg>'
    )
