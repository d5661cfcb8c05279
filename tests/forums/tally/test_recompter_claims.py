"""What recompter.py claims, and what it refuses to: only a complete seal that matches says « intacte »."""

from __future__ import annotations

import json
import unicodedata

import pytest

from forums.tally import box as boxes
from forums.tally import canonical, recompter, ties
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.boxes import SEED, approval, box, decision, points
from tests.forums.tally.test_recompter import BOX, CLOSING, FORGED, RECEIPTS, SEAL, TABLE, TEXT


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "[" * 100_000, b"\xff\xfe", "<!doctype html>", b"\xe9"]
)
@pytest.mark.parametrize("seal", [(), ("--sceau", SEAL)])
def test_what_is_no_box_is_said_in_a_sentence(stranger, text, seal):
    code, told, warned = stranger(text, *seal)
    assert (code, told) == (2, "")
    assert warned.startswith("Le fichier urne.json ")
    assert warned.count("\n") == 1


@pytest.mark.parametrize("size", [1, 1000, TEXT.encode().index("é".encode()) + 1, len(TEXT.encode()) - 2])
def test_file_that_was_cut_is_said_in_a_sentence(stranger, size):
    said = "Le fichier urne.json est coupé ou n’est pas une urne : téléchargez-le de nouveau.\n"
    assert stranger(TEXT.encode()[:size], "--sceau", SEAL) == (2, "", said)


EMPTY = "est vide : donnez les 64 chiffres que vous avez notés."
SIXTEEN = "--recu doit avoir les 16 lettres et chiffres du reçu."
COMMAND = (
    "La commande n’est pas complète, ou a un mot de trop; un sceau qui a des espaces va entre guillemets."
)
WRONG_USES = [
    *(
        ([name, typed], f"{name} {EMPTY}")
        for name in ("--sceau", "--germe", "--fermeture")
        for typed in ("", "  ")
    ),
    (["--sceau", "abc"], "--sceau doit avoir 64 chiffres hexadécimaux (0 à 9, a à f), et celui-ci en a 3."),
    (
        ["--sceau", SEAL[:63]],
        "--sceau doit avoir 64 chiffres hexadécimaux (0 à 9, a à f), et celui-ci en a 63.",
    ),
    (
        ["--sceau", SEAL + "0"],
        "--sceau doit avoir 64 chiffres hexadécimaux (0 à 9, a à f), et celui-ci en a 65.",
    ),
    (
        ["--germe", "5eed"],
        "--germe doit avoir 64 chiffres hexadécimaux (0 à 9, a à f), et celui-ci en a 4.",
    ),
    *((["--recu", typed], SIXTEEN) for typed in ("", "ABCD", "—", "' OR 1=1", "ABCD-EFGH-JKMN-PQRU")),
    *((typed, COMMAND) for typed in (["--sceau"], ["--seau", SEAL], ["autre.json"], ["--sceau", *SEAL[:16]])),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_USES)
def test_wrong_use_is_said_before_anything_is_counted(stranger, arguments, said):
    code, told, warned = stranger(TEXT, *arguments)
    assert (code, told, warned.splitlines()[-1]) == (2, "", said)


def grouped(size, between=" "):
    return between.join(SEAL[start : start + size] for start in range(0, 64, size))


@pytest.mark.parametrize(
    "typed",
    [
        grouped(8),
        grouped(4),
        grouped(8, "\n") + "\n",
        grouped(16, "-"),
        grouped(4, "\u202f").upper(),
        f"«\u00a0{SEAL}\u00a0»\r\n",
        f"SHA-256: {SEAL}",
        f"Sceau de l’urne\u00a0: {grouped(8)}",
        grouped(2, ":"),
    ],
)
def test_seal_is_read_however_it_was_noted(stranger, typed):
    assert stranger(TEXT, "--sceau", typed) == (0, TABLE, "")


def test_seal_is_grouped_as_the_portal_groups_it():
    assert recompter.in_groups(SEAL) == canonical.in_groups(SEAL) == grouped(8)


def test_slip_in_a_noted_seal_is_no_accusation(stranger):
    noted = SEAL[:-1] + ("0" if SEAL[-1] != "0" else "1")
    code, told, warned = stranger(TEXT, "--sceau", noted)
    assert (code, told) == (1, "")
    assert warned.endswith("; chiffres qui diffèrent : 1 sur 64; relisez celui que vous avez noté.\n")


@pytest.mark.parametrize("noted", [ties.seed_hash(SEED), CLOSING])
def test_another_fingerprint_in_place_of_the_seal_is_no_accusation(stranger, noted):
    code, told, warned = stranger(TEXT, "--sceau", noted)
    assert (code, told) == (1, "")
    assert warned.endswith(
        "; vous avez donné une autre empreinte que le sceau : --germe ou --fermeture la compare.\n"
    )
    assert "n’est pas l’urne" not in warned


# Two voices for, and nine ballots of one point.
YES, POINTS = decision(["for"] * 2), points([{1: 1}] * 9, among=1, points=1, each=1, to_retain=1)
# The largest numbers that Python reads: it does not write their sums.
LARGEST = "9" * 4300
RULES = "Question 1 : le bulletin 1 enfreint les règles du vote : "
UNCOUNTABLE = "L’urne n’est pas formée comme le portail les écrit : elle ne peut pas être comptée."


@pytest.mark.parametrize(
    ("question", "changes", "said"),
    [
        (YES, {'[["for"],["for"]]': '[{"for":1}]'}, RULES + '{"for": 1}'),
        (YES, {'[["for"],["for"]]': "[[true]]"}, RULES + "[true]"),
        (YES, {'"blank":0': f'"blank":{LARGEST}'}, UNCOUNTABLE),
        (
            POINTS,
            {
                "[1,1]": f"[1,{LARGEST}]",
                '"points":1': f'"points":{LARGEST}',
                '"points_each":1': f'"points_each":{LARGEST}',
            },
            UNCOUNTABLE,
        ),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_ballot_of_another_shape_or_size_is_refused_in_french(stranger, question, changes, said, options):
    text = boxes.write(box(question))
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    code, told, warned = stranger(text, *options)
    assert (code, told) == (1, "")
    assert said in warned.splitlines()


CRLF, BOM, END = "des fins de ligne CRLF", "une marque BOM au début", "un saut de ligne qui manque à la fin"
DATA = TEXT.encode()
CONVERTED = {
    "CRLF": (DATA.replace(b"\n", b"\r\n"), CRLF),
    "CR": (DATA.replace(b"\n", b"\r"), CRLF),
    "a BOM": (b"\xef\xbb\xbf" + DATA, BOM),
    "no final newline": (DATA[:-1], END),
    "all three": (b"\xef\xbb\xbf" + DATA[:-1] + b"\r\n", f"{BOM}, {CRLF}"),
    "UTF-16, as Windows says Unicode": (TEXT.encode("utf-16"), "le codage UTF-16"),
    "UTF-16 in the other order": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "le codage UTF-16"),
    "decomposed, as some disks name files": (
        unicodedata.normalize("NFD", TEXT).encode(),
        "des accents décomposés",
    ),
    "indented, as a browser shows it": (
        json.dumps(json.loads(TEXT), indent=2).encode() + b"\n",
        "une autre mise en forme",
    ),
}


@pytest.mark.parametrize(("data", "named"), CONVERTED.values(), ids=CONVERTED)
def test_converted_box_is_named_and_its_original_text_checked(stranger, data, named):
    notice = f"Ce fichier a été converti ({named}) : c’est le texte d’origine, rétabli, qui est vérifié.\n"
    assert stranger(data, "--sceau", SEAL) == (0, notice + TABLE, "")
    code, told, warned = stranger(data, "--sceau", SEAL, "--json")
    assert (code, json.loads(told), warned) == (0, as_json(count(BOX)) | {"verified": True}, notice)


def test_conversion_hides_no_change(stranger):
    changed = FORGED["one ballot changed"].encode()
    for data in (changed[:-1], changed.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + changed):
        assert stranger(data, "--sceau", SEAL)[0] == 1
    twice = TEXT.replace('"blank":2', '"blank":9,"blank":2')
    assert stranger(twice, "--sceau", SEAL)[0] == 1


def test_box_without_its_seal_is_counted_and_never_said_to_be_intact(stranger):
    code, told, warned = stranger(TEXT, "--recu", RECEIPTS[0])
    assert (code, warned) == (3, "")
    first, *lines, last = told.splitlines()
    assert first == last == "SCEAU NON VÉRIFIÉ : rien ne prouve que ce soit l’urne scellée."
    assert "Retenues, dans l’ordre : no 1, no 2; places vides : 0" in lines
    assert "Ce reçu est dans ce fichier." in lines
    assert "intacte" not in told
    code, told, warned = stranger(TEXT, "--json")
    assert (code, json.loads(told)) == (3, as_json(count(BOX)) | {"verified": False})
    assert warned == f"{first}\n"


# "--graine" is what "--germe" was called: a command noted before still works.
@pytest.mark.parametrize(
    ("name", "shown"),
    [("--germe", ties.seed_hash(SEED)), ("--graine", ties.seed_hash(SEED)), ("--fermeture", CLOSING)],
)
def test_fingerprints_noted_in_the_room_are_compared(stranger, name, shown):
    code, told, warned = stranger(TEXT, "--sceau", SEAL, name, shown.upper())
    assert (code, warned) == (0, "")
    assert told.count("Comparez l’empreinte") == 1
    code, told, warned = stranger(TEXT, "--sceau", SEAL, name, "0" * 64)
    assert (code, told) == (1, "")
    assert warned.startswith("L’empreinte d")


LATE = "JKMN-PQRS-TVWX-YZ01"
# Three equals for two places.
TIED = approval([{1}, {2}, {3}], among=["Moulin", "Verger", "Four"], to_retain=2)
AFTER = box(TIED, receipts=RECEIPTS, removed=[LATE], tellers_part="Quatre, deux, six")


def test_receipt_removed_after_the_closing_is_said_and_the_fingerprint_shown_then_rebuilt(stranger):
    text = boxes.write(AFTER)
    seal = boxes.seal(text)
    shown = boxes.receipts_fingerprint([*AFTER.receipts, *AFTER.removed_receipts])
    code, told, warned = stranger(text, "--sceau", seal, "--fermeture", shown)
    assert (code, warned) == (0, "")
    assert f"Empreinte des reçus à la fermeture : {canonical.in_groups(shown)}\n" in told
    assert "Reçus à la fermeture : 3, dont 1 retirés depuis (papiers notés après coup)\n" in told
    code, told, warned = stranger(text, "--sceau", seal, "--recu", LATE)
    assert (code, told) == (1, "")
    assert (
        warned == "Ce reçu a été retiré après la fermeture, avec son bulletin : un papier noté après coup.\n"
    )
    # Without the one that was removed, it is another fingerprint.
    other = boxes.receipts_fingerprint(AFTER.receipts)
    assert stranger(text, "--sceau", seal, "--fermeture", other)[0] == 1


def test_tellers_part_changes_the_draw_and_nothing_else(stranger):
    text = boxes.write(AFTER)
    code, told, warned = stranger(text, "--sceau", boxes.seal(text), "--json")
    assert (code, json.loads(told), warned) == (0, as_json(count(AFTER)) | {"verified": True}, "")
    said = stranger(text, "--sceau", boxes.seal(text))[1]
    assert "Part des scrutatrices et scrutateurs dans le germe : Quatre, deux, six\n" in said
    retained = set()
    for part in (None, *"abcdefghijklmnopqrstuvwxyz"):
        drawn = box(TIED, tellers_part=part)
        (outcome,) = count(drawn).questions
        assert recompter.recount(json.loads(boxes.write(drawn))) == as_json(count(drawn))
        retained.add(outcome.retained)
    # Every order of two among three: whoever gives the part could not aim at one without the seed.
    assert len(retained) == 6


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"tellers_part":"Quatre, deux, six",', "", "La part des scrutatrices et scrutateurs dans le germe ne va pas avec la règle du tirage."),
        ('"tellers_part":"Quatre, deux, six"', '"tellers_part":""', "La part des scrutatrices et scrutateurs dans le germe ne va pas avec la règle du tirage."),
        (ties.RULE_WITH_TELLERS, ties.RULE, "La part des scrutatrices et scrutateurs dans le germe ne va pas avec la règle du tirage."),
        (f'["{AFTER.removed_receipts[0]}"]', "[]", "La liste des reçus retirés après la fermeture est vide : elle ne devrait pas y être."),
        (AFTER.removed_receipts[0], "zz", "L’un des reçus n’est pas une empreinte : 64 chiffres hexadécimaux, en minuscules."),
        (AFTER.removed_receipts[0], AFTER.receipts[0], "Les reçus ou les questions ne sont pas triés, ou l’un d’eux vient deux fois."),
    ],
)  # fmt: skip
def test_what_came_after_the_closing_is_checked_too(old, new, fault):
    text = boxes.write(AFTER)
    assert old in text
    text = text.replace(old, new, 1)
    assert fault in list(recompter.box_faults(text, json.loads(text)))
