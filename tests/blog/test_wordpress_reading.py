"""Exports that were damaged on their way: what was whole comes in, what was mended is said."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.wordpress import moments, tolerant_xml
from blog.wordpress.names import plain_name
from blog.wordpress.reading import NotAnExport, read_export

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:wp="{wp}"><channel><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://a.example</wp:base_blog_url>'
)
WP = "http://wordpress.org/export/1.2/"
END = "</channel></rss>"


def item(key=1, title="Titre", body="<![CDATA[Corps]]>", more=""):
    return (
        f"<item><title>{title}</title><content:encoded>{body}</content:encoded><wp:post_id>{key}</wp:post_id>"
        f"<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>{more}</item>"
    )


def exported(*items, wp=WP, head=HEAD, end=END):
    return head.format(wp=wp) + "".join(items or (item(),)) + end


def texts(content):
    return list(read_export(io.BytesIO(content if isinstance(content, bytes) else content.encode())).texts())


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_every_version_and_scheme_is_read(scheme, version):
    [text] = texts(exported(wp=f"{scheme}://wordpress.org/export/{version}/"))
    assert (text.title, text.body, text.kind) == ("Titre", "Corps", "post")


@pytest.mark.parametrize(
    "before",
    [
        "\n",
        "\ufeff",
        "\r\n \t\n",
        "\ufeff\n\n",
        "<br />\n<b>Warning</b>: headers already sent in /x.php\n",
        "\x0b",
    ],
)
def test_what_comes_before_the_declaration_is_passed(before):
    assert [text.body for text in texts(before + exported())] == ["Corps"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read(encoding):
    content = exported(item(body="<![CDATA[Été – œuvre]]>"))
    if encoding == "cp1252":
        content = content.replace("UTF-8", "ISO-8859-1")
    assert [text.body for text in texts(content.encode(encoding))] == ["Été – œuvre"]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("<![CDATA[a ]]> b]]>", "a ]]> b"),
        ("<![CDATA[a]]> b", "a b"),
        ("<![CDATA[</content:encoded> </item><item> x]]>", None),
        ("a &amp; b &lt;p&gt; &eacute;&nbsp;R&D &#8217; &unknown;", "a & b <p> é\u00a0R&D ’ &unknown;"),
        ("<p>nu <b>gras</b></p>", "<p>nu <b>gras</b></p>"),
        ("<![CDATA[?a=1&copy=2&amp;b]]>", "?a=1&copy=2&amp;b"),
        ("<![CDATA[un\r\ndeux\rtrois]]>", "un\ndeux\ntrois"),
        ("<![CDATA[x\x00\x0b\x1f\uffffy]]>", "xy"),
        ("<![CDATA[l\x92été \x85]]>", "l’été …"),
        ("", ""),
    ],
)
def test_fields_are_read_up_to_their_own_end(body, read):
    found = texts(exported(item(body=body), item(2, "Après")))
    assert found[-1].title == "Après"
    if read is not None:
        assert found[0].body == read


def test_bytes_of_another_encoding_are_read_as_it():
    content = exported(item(body="<![CDATA[caf@ et th@]]>")).encode().replace(b"@", b"\xe9")
    export = read_export(io.BytesIO(content))
    assert next(export.texts()).body == "café et thé"
    assert export.repairs["bytes"] == 2


def test_control_characters_are_left_out_and_counted():
    export = read_export(io.BytesIO(exported(item(body="<![CDATA[a\x0bb\x08c]]>")).encode()))
    assert next(export.texts()).body == "abc"
    assert export.repairs["controls"] == 2


@given(st.integers(min_value=0, max_value=10_000))
def test_a_file_cut_anywhere_gives_what_was_whole(cut):
    whole = exported(item(1, "Un"), item(2, "Deux"), item(3, "Trois"))
    cut %= len(whole)
    content = whole[:cut]
    ends = [content.count("</item>")]
    try:
        export = read_export(io.BytesIO(content.encode()))
    except NotAnExport:
        assert (
            "export/" not in content.partition("><channel")[0] or ">" not in content.partition("xmlns:wp")[2]
        )
        return
    assert len(export.items) == ends[0]
    assert export.repairs["truncated"] == ("</channel" not in content)


@given(st.text(), st.text())
def test_any_text_in_a_section_comes_as_it_is(title, body):
    section = body.replace("]]>", "]]]]><![CDATA[>")
    [text] = texts(exported(item(title="x", body=f"<![CDATA[{section}]]>")).encode("utf-8", "ignore"))
    kept = body.encode("utf-8", "ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    kept = tolerant_xml._CONTROLS.sub("", kept.replace("\ufeff", ""))
    if not tolerant_xml._MISREAD.search(kept):
        assert text.body == kept


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(content):
    head = HEAD.format(wp=WP).encode()
    for whole in (content, head + content, head + b"<item>" + content + b"</item>"):
        with contextlib.suppress(NotAnExport):
            list(read_export(io.BytesIO(whole)).texts())


def test_an_item_that_is_not_closed_costs_no_other():
    broken = item(2, "Abîmé").replace("</content:encoded>", "")
    export = read_export(io.BytesIO(exported(item(1), broken.replace("]]>", ""), item(3, "Sauf")).encode()))
    assert [text.title for text in export.items if text.title == "Sauf"] == ["Sauf"]
    assert export.lost or export.repairs["sections"]


def test_a_group_that_is_not_closed_costs_no_other():
    open_item = item(2, "Ouvert").removesuffix("</item>")
    assert [text.title for text in texts(exported(item(1), open_item, item(3, "Sauf")))] == [
        "Titre",
        "Ouvert",
        "Sauf",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "", "<rss>", "<rss><channel/></rss>", "<html><body>Bonjour</body></html>", "PK\x03\x04rien", "\x00" * 500, "{}",
        '<rss version="2.0"><channel><item><title>Un fil</title></item></channel></rss>',
        f'<!DOCTYPE rss [<!ENTITY a "b">]>{exported()}', f"<!DOCTYPE rss SYSTEM 'http://x.example/'>{exported()}",
        exported(item(body="<!ENTITY x 'y'>")).replace("<channel>", "<!DOCTYPE a><channel>"),
    ],
)  # fmt: skip
def test_what_is_no_export_or_declares_entities_is_refused(content):
    with pytest.raises(NotAnExport):
        read_export(io.BytesIO(content.encode()))


def test_entities_are_never_expanded():
    assert texts(exported(item(body="&lol;&lol;")))[0].body == "&lol;&lol;"


def test_a_large_site_takes_little_memory(monkeypatch):
    longest = 0
    more = tolerant_xml.Reader._more

    def watched(self):
        nonlocal longest
        longest = max(longest, len(self._buffer))
        return more(self)

    monkeypatch.setattr(tolerant_xml.Reader, "_more", watched)
    body = f"<![CDATA[{'mot ' * 5_000}]]>"
    export = read_export(io.BytesIO(exported(*(item(key, body=body) for key in range(1, 301))).encode()))
    assert len(export.items) == 300
    assert not any(each.body for each in export.items)
    assert longest < 4 * tolerant_xml.CHUNK_BYTES


def test_an_element_without_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(tolerant_xml, "MAX_ELEMENT_LENGTH", 50_000)
    endless = item(1).partition("]]>")[0] + "x" * 2_000_000
    export = read_export(io.BytesIO(exported(endless).encode()))
    assert export.items == []
    assert export.lost


def test_a_zip_of_several_files_is_one_export():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("site.001.xml", exported(item(1, "Un")))
        archive.writestr("site.002.xml", exported(item(2, "Deux")))
        archive.writestr("lisez-moi.txt", "Bonjour")
    assert [text.title for text in texts(packed.getvalue())] == ["Un", "Deux"]


# --- Dates --------------------------------------------------------------------------------------------

MONTREAL = ZoneInfo("America/Montreal")


@pytest.mark.parametrize(
    ("gmt", "local", "feed", "read"),
    [
        ("2012-02-16 15:00:00", "2012-02-16 10:00:00", "", datetime(2012, 2, 16, 15, tzinfo=UTC)),
        ("0000-00-00 00:00:00", "2012-02-16 10:00:00", "", datetime(2012, 2, 16, 15, tzinfo=UTC)),
        ("0000-00-00 00:00:00", "2012-07-16 10:00:00", "", datetime(2012, 7, 16, 14, tzinfo=UTC)),
        ("", "", "Thu, 16 Feb 2012 15:00:00 +0000", datetime(2012, 2, 16, 15, tzinfo=UTC)),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("2012-02-30 10:00:00", "n’importe quoi", "hier", None),
        ("", "", "", None),
    ],
)
def test_dates_are_those_of_the_text_and_never_today(gmt, local, feed, read):
    assert moments.published_at(gmt, local, feed, MONTREAL) == read


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "America/Vancouver", "America/Halifax", "America/Montreal", "Asia/Kolkata"]
)
def test_zone_of_a_site_is_that_of_its_other_texts(name):
    guess = moments.ZoneGuess()
    for month in (1, 4, 7, 10):
        there = datetime(2015, month, 3, 15, 30, tzinfo=UTC)
        here = there.astimezone(ZoneInfo(name))
        guess.note(f"{there:%Y-%m-%d %H:%M:%S}", f"{here:%Y-%m-%d %H:%M:%S}")
    for month in (2, 8):
        local = datetime(2012, month, 16, 10, tzinfo=ZoneInfo(name))
        expected = local.astimezone(UTC)
        assert moments.published_at("", f"{local:%Y-%m-%d %H:%M:%S}", "", guess.zone()) == expected


def test_zone_without_a_pair_is_the_hub_s():
    assert str(moments.ZoneGuess().zone()) in {"America/Toronto", "America/Montreal"}


# --- Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Pain &amp;amp; fromage, l&amp;#8217;alliance", "Pain & fromage, l’alliance"),
        ("Roy &amp; cie", "Roy & cie"),
        ("R&D", "R&D"),
        ("Le <em>beau</em> titre<br/>suite", "Le beau titre suite"),
        ("a < b > c", "a < b > c"),
        ("Écrire &lt;em&gt; en HTML", "Écrire <em> en HTML"),
        ("  Deux\n espaces\u200b ", "Deux espaces"),
        ("<3 la <ville>", "<3 la <ville>"),
    ],
)
def test_names_have_their_entities_and_tags_resolved(written, read):
    assert plain_name(written) == read
