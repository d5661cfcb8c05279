"""Short codes of WordPress and of its plugins. Only those that are known are: other words between brackets are the author's.

They are never read within code, nor within a tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

# Those of WordPress: written as they are, in lower case.
CORE = frozenset({"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"})
# Those of plugins, which nobody writes as words. A part of them between two tags of a pair is the author's.
_PLUGIN_NAMES = """
    contact-form contact-form-7 contact-field gravityform gravityforms wpforms ninja_form ninja_forms
    ninja_forms_display_form caldera_form fluentform forminator_form everest_form happyforms mc4wp_form mailpoet_form
    wysija_form jetpack_subscription_form blog_subscription_form newsletter_form sibwp_form yikes-mailchimp
    rev_slider rev_slider_vc layerslider metaslider ml-slider smartslider3 easingslider envira-gallery foogallery
    nggallery ngg_images ngg slideshow_deploy portfolio_slideshow huge_it_gallery huge_it_slider
    tribe_events tribe_events_list ecs-list-events events_list event_list my_calendar ai1ec add_eventon
    googlemaps wpgmza wpv-map-render mappress leaflet-map mapsvg us_map pw_map
    wpvideo slideshare videopress twitter-timeline instagram-feed fb_plugin custom-facebook-feed social_warfare
    addtoany addthis sharethis ssba ssba-buttons polldaddy wp-polls googleapps
    tablepress table-info ninja_tables wpdatatable wpdatachart posttable wpdm_package wpdm_file wpfilebase
    pdf-embedder pdfjs-viewer gview embeddoc download-attachments download_list
    woocommerce_cart woocommerce_checkout woocommerce_my_account product_page product_category product_categories
    recent_products featured_products sale_products best_selling_products add_to_cart add_to_cart_url
    paypal-donation give_form give_goal seamless_donations simple-payment edd_downloads
    wp_sitemap_page simple-sitemap html_sitemap display-posts list_category_posts catlist recent-posts related_posts
    ez-toc lwptoc wp-toc post_grid the_grid ess_grid members_only wpmem_form user_meta login-form wppb-login
    profilepress-login wpml_language_selector icl_lang_sel_widget polylang_langswitcher gtranslate
    one_half one_half_last one_third one_third_last two_third two_third_last one_fourth one_fourth_last
    three_fourth three_fourth_last one_half_first one_third_first advanced_iframe
"""
_FAMILIES = re.compile(
    r"(?:vc|et_pb|fusion|av|cs|x|su|wpb|elementor|fl_builder|tatsu|mk|tm|dt|cmsms|rt|sc|nectar|wpv|tribe|wpforms|jetpack"
    r"|mepr|pms|rcp|bbp|bp|tw|thb|eltdf|qode|edgtf|mkdf|ultimate|ubermenu|maxbutton|maxbuttons)_[a-z0-9_-]+\Z"
)
# Words of any language too: one is a short code when something follows its name, or its own end comes further on.
_PLAIN_WORDS = """
    accordion accordions alert archives bandcamp blockquote blogroll box button buttons callout center clear col column
    columns content crowdsignal dailymotion dg divider doclink donate download dropcap facebook flickr formidable gist
    heading hide highlight hr hubspot icon icons iframe image info instagram item lead lightbox list map message modula
    note notice panel paypal poll popup pricing product products progress pullquote quote raw recent restrict row scribd
    section separator show sitemap slide slider slideshow social soliloquy soundcloud spacer span survey tab table tabs
    ted testimonial testimonials timely toc toggle toggles tooltip tweet ultimatemember vimeo youtube
"""
_PLUGINS, _WORDS = frozenset(_PLUGIN_NAMES.split()), frozenset(_PLAIN_WORDS.split())
_FOLLOWS = re.compile(r"=|://|\s[0-9]{5,}\s*\Z")
# « [video de la réunion] »: nothing of it is an attribute.
_OF_A_PROGRAM, _LETTER = re.compile(r"[=/\"]"), re.compile(r"[^\W\d_]")

_NAME = r"[a-z][a-z0-9_-]*"
_OPENING = re.compile(
    rf"(?P<escaped>\[)?\[(?P<name>{_NAME})(?P<attributes>(?:\s(?:[^\[\]\"'<>]|\"[^\"]*\"|'[^']*')*)?)(?P<alone>/)?\](?P<escaping>\])?"
)
_CLOSING = re.compile(rf"\[/(?P<name>{_NAME})\]")
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+))|\"([^\"]*)\"|(\S+)")
# Code is shown as it was typed; a bracket within a tag or a comment is of an address or a program.
_UNREAD = re.compile(
    r"<(pre|code|script|style|textarea|kbd|samp)\b[^>]*>.*?</\1\s*>|<!--.*?-->|</?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shortcode:
    name: str
    # Those without a name are "0", "1"…
    attributes: dict[str, str]
    # Between its two tags; empty for one that stands alone.
    content: str


type Render = Callable[[Shortcode], str]


def render_shortcodes(text: str, render: Render) -> str:
    """`text` with each short code as `render` gives it; `[[gallery]]` says `[gallery]`."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        if "[" not in match[0]:
            return match[0]
        hidden.append(match[0])
        return f"\ue003{len(hidden) - 1}\ue004"

    def shown(markup: str) -> str:
        return re.sub("\ue003([0-9]+)\ue004", lambda match: hidden[int(match[1])], markup)

    return shown(_rendered(_UNREAD.sub(hide, text), lambda code: render(_shown(code, shown))))


def _shown(code: Shortcode, shown: Callable[[str], str]) -> Shortcode:
    attributes = {name: shown(value) for name, value in code.attributes.items()}
    return Shortcode(code.name, attributes, shown(code.content))


def _rendered(text: str, render: Render) -> str:
    parts, position = [], 0
    while opening := _OPENING.search(text, position):
        parts.append(text[position : opening.start()])
        if opening["escaped"] and opening["escaping"]:
            parts.append(opening[0][1:-1])
            position = opening.end()
            continue
        start = opening.start() + bool(opening["escaped"])
        end = opening.end() - bool(opening["escaping"])
        name, attributes = opening["name"], opening["attributes"]
        closing = None if opening["alone"] or not _may_be(name) else _closing(text, name, end)
        parts.append("[" if opening["escaped"] else "")
        has_more = bool(_FOLLOWS.search(attributes)) or closing is not None
        is_words = name in CORE and not has_more and not opening["alone"] and _is_said(attributes)
        if is_words or not is_known(name, has_more=has_more):
            parts.append(text[start:end])
            position = end
            continue
        content = _rendered(text[end : closing.start()], render) if closing else ""
        position = closing.end() if closing else end
        parts.append(render(Shortcode(name, _attributes(attributes), content)))
    return "".join(parts) + text[position:]


def _closing(text: str, name: str, start: int) -> re.Match[str] | None:
    """The end of this one, past those of the same name within it."""
    if text.find(f"[/{name}]", start) < 0:
        return None
    depth = 1
    for mark in re.compile(rf"\[(?P<end>/)?{re.escape(name)}(?=[\s\]/])[^\[\]]*\]").finditer(text, start):
        depth += -1 if mark["end"] else 1
        if depth == 0:
            return _CLOSING.match(text, mark.start())
    # One that stands alone, before another that is a pair: `[video src=a] … [video]b[/video]`.
    return None


def _may_be(name: str) -> bool:
    return is_known(name, has_more=True)


def is_known(name: str, *, has_more: bool) -> bool:
    """`has_more`: something follows the name, or a part of the text is between it and its end."""
    return name in CORE or name in _PLUGINS or bool(_FAMILIES.match(name)) or (has_more and name in _WORDS)


def _is_said(attributes: str) -> bool:
    return bool(_LETTER.search(attributes)) and not _OF_A_PROGRAM.search(attributes)


def is_of_builder(name: str) -> bool:
    return bool(_FAMILIES.match(name))


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare, quoted, alone in _ATTRIBUTE.findall(written):
        key = name.lower() or str(sum(each.isdigit() for each in found))
        found[key] = html.unescape(double or single or bare or quoted or alone)
    return found
