"""A workbook of one sheet, sent as its rows come: what is kept of each row is its XML, so that no cell is made twice.

`pole.spreadsheets.xlsx_bytes` makes the others, whole and in memory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Buffer, Iterable, Iterator, Sequence
from html import escape
from typing import IO, ClassVar, cast

from pole.spreadsheets import column_width, plain_cell

# The most that Excel reads in a cell.
_MOST_CHARACTERS = 32_767
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = "xl/worksheets/sheet1.xml"
CLOSING = b"</sheetData></worksheet>"
# The styles of cells: plain, then bold for the first row; both aligned to the top, on several lines.
_STYLES = f"""{_HEAD}<styleSheet xmlns="{_SHEETS}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2">\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>\
</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def opening(header: Sequence[str]) -> str:
    """Of the sheet, with its first row, which does not scroll."""
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{column_width(text)}" customWidth="1"/>'
        for at, text in enumerate(header, start=1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_SHEETS}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        f' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols><sheetData>{row(header, style=1)}'
    )


def row(cells: Sequence[str], *, style: int = 0) -> str:
    """Of texts: no cell is ever a formula, whatever it begins with."""
    return f"<row>{''.join(_cell(each, style) for each in cells)}</row>"


def _cell(value: str, style: int) -> str:
    text = escape(plain_cell(value)[:_MOST_CHARACTERS], quote=False).replace("\r", "&#13;")
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'


def pieces(title: str, sheet: Iterable[bytes]) -> Iterator[bytes]:
    """The file, of what `opening`, `row` and CLOSING made."""
    sent = _Sent()
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in _parts(title).items():
            archive.writestr(zipfile.ZipInfo(name, _Sent.DATE), text)
        with archive.open(zipfile.ZipInfo(SHEET, _Sent.DATE), "w", force_zip64=False) as part:
            for piece in sheet:
                part.write(piece)
                yield sent.taken()
    yield sent.taken()


class _Sent(io.RawIOBase):
    """Where the archive is written: a file that goes forward only."""

    DATE: ClassVar = (1980, 1, 1, 0, 0, 0)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        piece = bytes(data)
        self._waiting.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)


def _parts(title: str) -> dict[str, str]:
    name = escape(title[:31])
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{_TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATIONS}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_RELATIONS}/styles"'
        ' Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
