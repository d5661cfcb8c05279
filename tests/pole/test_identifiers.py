"""What people type for an NEQ, a postal code, a telephone or a website, and what is stored."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pole.identifiers import (
    MAX_WEBSITE_LENGTH,
    Neq,
    clean_neq,
    clean_postal_code,
    clean_website,
    neq_warning,
    parse_neq,
    parse_phone,
)


def refusal(clean: Callable[[str], object], raw: str) -> tuple[str, str]:
    """(code, English message) of the error that `clean` raises."""
    with pytest.raises(ValidationError) as caught:
        clean(raw)
    with translation.override("en"):
        return caught.value.code or "", caught.value.messages[0]


# --- NEQ ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "1140000003",
        " 1140 000 003 ",
        "114-000-0003",
        "1140.000.003",
        "NEQ 1140000003",
        "NEQ : 1140000003",
        "neq:1140\u00a0000\u00a0003",
        "1140\u2011000\u2013003",
        "１１４０００００03",
        "1140000003\u200b",
    ],
)
def test_neq_is_ten_digits_however_it_is_written(raw: str) -> None:
    assert clean_neq(raw) == "1140000003"


@pytest.mark.parametrize("prefix", ["11", "22", "33", "88"])
def test_neq_begins_with_one_of_four_pairs(prefix: str) -> None:
    assert parse_neq(f"{prefix}40000000") == Neq(f"{prefix}40000000")


@pytest.mark.parametrize("prefix", ["00", "10", "12", "21", "44", "89", "99"])
def test_neq_with_another_beginning_is_refused(prefix: str) -> None:
    assert refusal(clean_neq, f"{prefix}40000000") == (
        "neq_prefix",
        f"The NEQ begins with 11, 22, 33 or 88, not with {prefix}.",
    )


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        ("114000000", "neq_length", "this one has 9"),
        ("11400000000", "neq_length", "this one has 11"),
        ("", "neq_length", "this one has 0"),
        ("11400000O0", "neq_characters", "“O”"),
        ("1140000000 x", "neq_characters", "“x”"),
        ("٣٣40000000", "neq_characters", "“٣”"),
    ],
)
def test_neq_error_says_what_is_wrong(raw: str, code: str, said: str) -> None:
    found, message = refusal(clean_neq, raw)
    assert found == code
    assert said in message


# 1234567 is a usual example of Luhn's formula; its check digit is 4.
@pytest.mark.parametrize(
    ("digits", "passes"),
    [
        ("1140000002", True),
        ("1140000003", False),
        ("1112345674", True),
        ("1112345675", False),
        ("3300000000", True),
    ],
)
def test_neq_check_reads_the_last_eight_digits(digits: str, *, passes: bool) -> None:
    assert Neq(digits).passes_luhn is passes


def test_neq_check_sees_every_single_wrong_digit() -> None:
    right = "1112345674"
    wrong = [
        right[:place] + digit + right[place + 1 :]
        for place in range(2, 10)
        for digit in "0123456789"
        if digit != right[place]
    ]
    assert [digits for digits in wrong if Neq(digits).passes_luhn] == []


@pytest.mark.parametrize(
    ("neq", "warning"),
    [
        ("1112345674", None),
        ("3312345674", None),
        ("1112345675", "The last digits of this NEQ do not agree with each other. Check for a typo."),
        (
            "2212345674",
            "A social economy enterprise usually has an NEQ that begins with 11 or 33. Check it.",
        ),
        (
            "8812345674",
            "A social economy enterprise usually has an NEQ that begins with 11 or 33. Check it.",
        ),
    ],
)
def test_neq_warning_never_refuses(neq: str, warning: str | None) -> None:
    with translation.override("en"):
        assert neq_warning(neq) == warning
    assert clean_neq(neq) == neq


# --- Postal code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["J0S 1Y0", "J0S-1Y0", "j0s1y0", " j0s  1y0 ", "J0S\u00a01Y0", "J.0.S.1.Y.0"])
def test_postal_code_is_stored_in_one_form(raw: str) -> None:
    assert clean_postal_code(raw) == "J0S 1Y0"


@pytest.mark.parametrize(
    ("raw", "code", "message"),
    [
        ("G8Y5GY", "postal_digit_expected", "Character 6 of the postal code must be a digit, not “Y”."),
        ("JOS 1Y0", "postal_digit_expected", "Character 2 of the postal code must be a digit, not “O”."),
        ("10S 1Y0", "postal_letter_expected", "Character 1 of the postal code must be a letter, not “1”."),
        ("É0S 1Y0", "postal_letter_expected", "Character 1 of the postal code must be a letter, not “É”."),
        ("J0S 1Y?", "postal_digit_expected", "Character 6 of the postal code must be a digit, not “?”."),
        (
            "J0S 1Y",
            "postal_length",
            "A postal code has 6 letters and digits, such as J0S 1Y0; this one has 5.",
        ),
        (
            "J0S 1Y00",
            "postal_length",
            "A postal code has 6 letters and digits, such as J0S 1Y0; this one has 7.",
        ),
    ],
)
def test_postal_code_error_names_the_character(raw: str, code: str, message: str) -> None:
    assert refusal(clean_postal_code, raw) == (code, message)


@pytest.mark.parametrize("letter", "DFIOQU")
@pytest.mark.parametrize("place", [0, 2, 4])
def test_postal_code_never_holds_these_letters(letter: str, place: int) -> None:
    raw = "J0S1Y0"[:place] + letter + "J0S1Y0"[place + 1 :]
    assert refusal(clean_postal_code, raw) == (
        "postal_unused_letter",
        f"No Canadian postal code contains the letter “{letter}”.",
    )


@pytest.mark.parametrize("letter", "WZ")
def test_postal_code_never_begins_with_these_letters(letter: str) -> None:
    assert refusal(clean_postal_code, f"{letter}0S 1Y0") == (
        "postal_unused_letter",
        f"No Canadian postal code begins with the letter “{letter}”.",
    )
    assert clean_postal_code(f"J0{letter} 1{letter}0") == f"J0{letter} 1{letter}0"


@given(
    st.from_regex(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][0-9][ABCEGHJ-NPRSTV-Z][0-9]", fullmatch=True)
)
def test_possible_postal_codes_are_all_accepted_once_and_for_all(code: str) -> None:
    cleaned = clean_postal_code(code.lower())
    assert cleaned == f"{code[:3]} {code[3:]}"
    assert clean_postal_code(cleaned) == cleaned


# --- Telephone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "450 555-0123",
            "(450) 555-0123",
            "450.555.0123",
            "4505550123",
            "1 450 555-0123",
            "+1 450 555 0123",
        ),
        *("1-450-555-0123", "450\u00a0555-0123", "450 555–0123", "４５０ 555 0123"),
    ],
)
def test_phone_is_stored_as_e164(raw: str) -> None:
    assert parse_phone(raw) == ("+14505550123", "")


@pytest.mark.parametrize(
    "extension",
    [
        *(
            ", poste 25",
            " poste 25",
            " Poste: 25",
            " (poste 25)",
            " p. 25",
            " ext. 25",
            " ext 25",
            " extension 25",
        ),
        *(" x25", "x25", " x 25", " #25", "#25", " # 25", " local 25", " - poste 25", "; poste no 25"),
    ],
)
def test_phone_extension_is_split_first(extension: str) -> None:
    assert parse_phone("450 555-0123" + extension) == ("+14505550123", "25")


def test_phone_of_another_country_keeps_its_code() -> None:
    assert parse_phone("+33 1 44 55 66 77 poste 1234567") == ("+33144556677", "1234567")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "phone_length"),
        ("555-0123", "phone_length"),
        ("450 555-012", "phone_length"),
        ("450 555-01234", "phone_length"),
        ("911", "phone_length"),
        ("---", "phone_length"),
        ("450 155-0123", "phone_invalid"),
        ("150 555-0123", "phone_invalid"),
        ("450 555-0123 demander Julie", "phone_characters"),
        ("450 555-0123 poste", "phone_characters"),
        ("450 555-0123 poste 12345678", "phone_characters"),
        ("1 800 GO-FEDEX", "phone_characters"),
    ],
)
def test_phone_error_says_why(raw: str, code: str) -> None:
    assert refusal(parse_phone, raw)[0] == code


def test_phone_error_names_the_character() -> None:
    assert refusal(parse_phone, "450 555-0123 demander")[1] == (
        "This telephone number contains “d”; write digits, then “ext. 25” if needed."
    )


# --- Website ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("exemple.ca", "https://exemple.ca"),
        (" www.exemple.ca ", "https://www.exemple.ca"),
        ("//exemple.ca/a", "https://exemple.ca/a"),
        ("http://exemple.ca", "http://exemple.ca"),
        ("HTTPS://Exemple.CA/Page", "https://exemple.ca/Page"),
        ("exemple.ca:8080/x", "https://exemple.ca:8080/x"),
        ("exemple.ca/a?b=c#d", "https://exemple.ca/a?b=c#d"),
        ("érablière.ca", "https://érablière.ca"),
        ("exemple\u200b.ca", "https://exemple.ca"),
        ("http:/exemple.ca", "http://exemple.ca"),
        ("https:///exemple.ca", "https://exemple.ca"),
        ("http:exemple.ca", "http://exemple.ca"),
        ("https:\\\\exemple.ca", "https://exemple.ca"),
        ("http://https://exemple.ca", "https://exemple.ca"),
        ("http.exemple.ca", "https://http.exemple.ca"),
    ],
)
def test_website_gets_a_scheme(raw: str, expected: str) -> None:
    assert clean_website(raw) == expected
    assert clean_website(expected) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "website_invalid"),
        ("pas un site", "website_invalid"),
        ("https://", "website_invalid"),
        ("http:/", "website_invalid"),
        ("https://exemple.ca/a b", "website_invalid"),
        ("https://exemple.ca/\\evil", "website_invalid"),
        ("https://[::1", "website_invalid"),
        ("javascript:alert(1)", "website_scheme"),
        ("JAVASCRIPT://exemple.ca/%0aalert(1)", "website_scheme"),
        ("data:text/html,x", "website_scheme"),
        ("ftp://exemple.ca", "website_scheme"),
        ("info@exemple.ca", "website_email"),
        ("mailto:info@exemple.ca", "website_email"),
        ("https://banque.ca@evil.example", "website_host"),
        ("https://a:b@exemple.ca", "website_host"),
        ("localhost", "website_host"),
        ("http://127.0.0.1/", "website_host"),
        ("http://[::1]/", "website_host"),
    ],
)
def test_website_error_says_why(raw: str, code: str) -> None:
    assert refusal(clean_website, raw)[0] == code


def test_website_length_limit_is_the_last_accepted_length() -> None:
    start = "https://exemple.ca/"
    longest = start + "a" * (MAX_WEBSITE_LENGTH - len(start))
    assert clean_website(longest) == longest
    assert refusal(clean_website, longest + "a")[0] == "website_invalid"
