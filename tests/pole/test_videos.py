"""A video's address alone in its paragraph becomes a card; any other stays a link. The editor knows the same ones."""

import html

import pytest

from pole.text.richtext import clean_html
from pole.text.videos import is_video
from tests.desk.videos import OTHERS, VIDEOS


@pytest.mark.parametrize("address", VIDEOS)
def test_address_of_a_video_is_known_and_becomes_a_card(address: str) -> None:
    assert is_video(address)
    for written in (address, f'<a href="{html.escape(address)}">{html.escape(address)}</a>'):
        stored = clean_html(f"<p>{written}</p>", language="fr")
        assert stored.lower().startswith('<figure class="figure--video"><figcaption><a href="http')
        assert html.escape(address.removeprefix("//")) in stored
        assert "<iframe" not in stored
        assert clean_html(stored, language="fr") == stored


@pytest.mark.parametrize("address", OTHERS)
def test_other_addresses_are_no_video(address: str) -> None:
    assert not is_video(address)
    assert "figure" not in clean_html(f"<p>{html.escape(address)}</p>", language="fr")


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Voir https://youtu.be/abc</p>",
        "<ul><li><p>https://youtu.be/abc</p></li></ul>",
        "<table><tbody><tr><td><p>https://youtu.be/abc</p></td></tr></tbody></table>",
        '<p><a href="https://youtu.be/abc" rel="noopener">Notre film</a></p>',
        '<p><a href="https://x.example/" rel="noopener">https://youtu.be/abc</a></p>',
        "<pre>https://youtu.be/abc</pre>",
        "<p><strong>https://youtu.be/abc</strong></p>",
    ],
)
def test_address_among_others_stays_as_it_was_written(markup: str) -> None:
    assert clean_html(markup, language="fr") == markup


def test_card_speaks_the_language_of_the_text() -> None:
    assert "Vidéo – youtu.be" in clean_html("<p>https://youtu.be/abc</p>", language="fr")
    assert "Video – youtu.be" in clean_html("<p>https://youtu.be/abc</p>", language="en")
    # The title that its author gave.
    titled = '<figure class="figure--video"><figcaption><a href="https://youtu.be/abc" rel="noopener">Notre film</a></figcaption></figure>'
    assert clean_html(titled, language="fr") == titled


@pytest.mark.parametrize(
    "part", ["<p> ", "<p>https://youtu.be/", "https://youtu.be/a ", " ", "<li>", "//", "a/", "a."]
)
def test_long_repetitions_take_linear_time(part: str) -> None:
    from pole.text.videos import with_cards

    with_cards("<p>" + part * (100_000 // len(part)), "fr")
    is_video("https://" + part * 500)
