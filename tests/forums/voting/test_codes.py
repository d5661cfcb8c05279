"""Codes: typos are caught before anything is counted, and letters that look alike are alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.vote import codes

letters = st.text(codes.ALPHABET, min_size=codes.RANDOM_LENGTH, max_size=codes.RANDOM_LENGTH)
complete = letters.map(lambda drawn: drawn + codes.check_character(drawn))


def test_new_codes_are_parsed_and_differ():
    made = {codes.new_code() for _each in range(200)}
    assert len(made) == 200
    assert {codes.parse_code(code) for code in made} == made


@given(complete, st.integers(0, codes.RANDOM_LENGTH), st.sampled_from(codes.ALPHABET))
def test_one_wrong_letter_is_always_caught(code, place, letter):
    typed = code[:place] + letter + code[place + 1 :]
    if typed == code:
        assert codes.parse_code(typed) == code
    else:
        with pytest.raises(codes.CodeMistyped):
            codes.parse_code(typed)


@given(complete, st.integers(0, codes.RANDOM_LENGTH - 2))
def test_neighbours_exchanged_are_always_caught(code, place):
    typed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if typed != code:
        with pytest.raises(codes.CodeMistyped):
            codes.parse_code(typed)


@given(complete)
def test_code_is_read_as_people_write_it(code):
    alike = code.lower().replace("0", "o").replace("1", "l")
    assert codes.parse_code(f"  {codes.hyphenated(alike)} ") == code
    assert codes.parse_code(code.replace("1", "I").replace("0", "O")) == code
    assert codes.parse_code(" ".join(code)) == code


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 11, "é" * 11, "0" * 10, "0" * 12, "\x00" * 11, "😀"])
def test_what_no_code_has_is_mistyped(typed):
    with pytest.raises(codes.CodeMistyped):
        codes.parse_code(typed)


def test_printed_code_is_in_groups():
    assert codes.hyphenated("ABCDEFGHJKM") == "ABCD-EFGH-JKM"


def test_database_keeps_a_keyed_hash(settings):
    first = codes.hash_code("ABCDEFGHJKM")
    settings.SECRET_KEY = "another"
    assert codes.hash_code("ABCDEFGHJKM") != first
    assert len(first) == 64


@pytest.mark.parametrize("written", ["lou@exemple.example", " Lou@Exemple.Example ", "LOU@EXEMPLE.EXAMPLE"])
def test_address_is_the_same_however_written(written):
    assert codes.email_hash(written) == codes.email_hash("lou@exemple.example")
