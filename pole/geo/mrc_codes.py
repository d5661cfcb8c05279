"""The code of each MRC of a file: the one that is stored for its name, however the file writes either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from django.utils.text import slugify
from django.utils.translation import gettext as _

from pole.geo.place_names import mrc_name_key
from pole.geo.territory_rows import TerritoryFileError, TerritoryRow
from pole.models import Mrc


def plain_code(code: str) -> str:
    """The code of an MRC of Québec as it is stored: "71" of "710", "AR710", "2471" and "71"; "07" of "7"."""
    code = code.strip().upper().removeprefix("AR")
    if re.fullmatch(r"24[0-9]{2}", code):
        return code[2:]
    if re.fullmatch(r"[0-9]{2}0", code):
        return code[:2]
    return code.zfill(2) if re.fullmatch(r"[0-9]", code) else code


def with_mrc_codes(rows: Mapping[str, TerritoryRow], *, is_quebec: bool) -> dict[str, TerritoryRow]:
    """The rows, each with the code of its MRC: the same at each edition. One query. Raises `TerritoryFileError`.

    In Québec, a name is that of one MRC; its code is the stored one, else that of the file, else the first two digits of
    its municipalities. Elsewhere two may have one name, and a code is made from it where the file says none.
    """
    stored = {mrc.code: mrc.name for mrc in Mrc.objects.all()}
    by_name = {mrc_name_key(name): code for code, name in stored.items()}
    if is_quebec:
        rows = {code: replace(row, mrc_code=plain_code(row.mrc_code)) for code, row in rows.items()}
        rows = _with_code_of_name(rows, by_name)
    own = _codes_of_names(rows, by_name, is_quebec=is_quebec)
    coded = {}
    for code, row in rows.items():
        mrc_code = row.mrc_code or own.get(mrc_name_key(row.mrc_name), "")
        name = stored.get(mrc_code, "")
        # A name that only differs in its writing stays as it is.
        kept = name if name and mrc_name_key(name) == mrc_name_key(row.mrc_name) else row.mrc_name
        coded[code] = replace(row, mrc_code=mrc_code, mrc_name=kept)
    _refuse_two_names(coded)
    return coded


def _with_code_of_name(
    rows: Mapping[str, TerritoryRow], by_name: Mapping[str, str]
) -> dict[str, TerritoryRow]:
    """The rows, those of one name with one code. Raises `TerritoryFileError` when there are two."""
    written: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows.values():
        if row.mrc_code:
            written[mrc_name_key(row.mrc_name)].setdefault(row.mrc_code, row.mrc_name)
    reasons, codes = [], dict(by_name)
    for key, names in written.items():
        name = next(iter(names.values()))
        if len(names) > 1:
            reasons.append(
                _(
                    "%(name)s has several codes in the file: %(codes)s. Keep the right one, then send the file again."
                )
                % {"name": name, "codes": ", ".join(sorted(names))}
            )
        code, known = next(iter(names)), by_name.get(key, "")
        # A code that was made from the name gives nothing to compare with.
        if known and known != code and known.isdecimal() and len(names) == 1:
            reasons.append(
                _(
                    "%(name)s has the code %(stored)s in the portal and %(code)s in the file. One of the two is wrong."
                )
                % {"name": name, "stored": known, "code": code}
            )
        codes.setdefault(key, code)
    if reasons:
        raise TerritoryFileError(*reasons)
    return {
        code: replace(row, mrc_code=codes.get(mrc_name_key(row.mrc_name), "") if row.mrc_name else "")
        for code, row in rows.items()
    }


def _codes_of_names(
    rows: Mapping[str, TerritoryRow], by_name: Mapping[str, str], *, is_quebec: bool
) -> dict[str, str]:
    """By key of a name, the code of an MRC whose file says none."""
    prefixes: dict[str, set[str]] = defaultdict(set)
    keys_of: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for row in rows.values():
        prefix = row.code[:2] if is_quebec and re.fullmatch("[0-9]{5}", row.code) else ""
        if row.mrc_name:
            key = mrc_name_key(row.mrc_name)
            prefixes[key].add(prefix)
            keys_of[prefix].add(key)
            names.setdefault(key, row.mrc_name)
    codes = {}
    for key, name in names.items():
        prefix = next(iter(prefixes[key])) if len(prefixes[key]) == 1 else ""
        # 97 begins the codes of Sept-Rivières and of Caniapiscau.
        is_own = len(keys_of[prefix]) == 1 and by_name.get(key, prefix) == prefix
        codes[key] = by_name.get(key) or (prefix if prefix and is_own else _made_from(name))
    return codes


def _made_from(name: str) -> str:
    return slugify(re.sub("[’']", "-", name))[:40].strip("-") or "x"


def _refuse_two_names(rows: Mapping[str, TerritoryRow]) -> None:
    """Raises `TerritoryFileError` when a code of the file is that of two MRCs of the file."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows.values():
        if row.mrc_code:
            names[row.mrc_code].setdefault(mrc_name_key(row.mrc_name), row.mrc_name)
    reasons = [
        _(
            "The code %(code)s is that of several in the file: %(names)s. Correct it, then send the file again."
        )
        % {"code": code, "names": ", ".join(sorted(found.values()))}
        for code, found in names.items()
        if len(found) > 1
    ]
    if reasons:
        raise TerritoryFileError(*reasons)
