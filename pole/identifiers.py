"""Numbers and addresses that identify an enterprise, as people write them.

Each function takes what was typed and gives the form that is stored, or raises `ValidationError`
with the reason, so that the message beside the field says what to change.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from pole.text.plaintext import clean_line

CANADA = "CA"


def _clean_input(raw: str) -> str:
    """`raw` without invisible characters; full-width digits and letters become ordinary ones (NFKC)."""
    return clean_line(unicodedata.normalize("NFKC", raw))


# --- Numéro d'entreprise du Québec (NEQ) ---------------------------------------------------------

# The Registraire des entreprises gives ten digits; the first two tell the kind of registration.
NEQ_PREFIXES = {
    "11": _("legal person"),
    "22": _("natural person in business"),
    "33": _("partnership, association or other group"),
    "88": _("public body"),
}
# What a social economy enterprise has: a cooperative, a non-profit or a mutual is a legal person
# or a group.
USUAL_NEQ_PREFIXES = frozenset({"11", "33"})


@dataclass(frozen=True, slots=True)
class Neq:
    """A well-formed NEQ: ten digits, the first two being a key of `NEQ_PREFIXES`."""

    digits: str

    @property
    def prefix(self) -> str:
        return self.digits[:2]

    @property
    def has_usual_prefix(self) -> bool:
        return self.prefix in USUAL_NEQ_PREFIXES

    @property
    def passes_luhn(self) -> bool:
        """Whether the last eight digits end with their Luhn check digit.

        Every one of the 2,243 real numbers examined does, but no document says that all must.
        """
        return _luhn_sum(self.digits[2:]) % 10 == 0

    def __str__(self) -> str:
        return self.digits


def _luhn_sum(digits: str) -> int:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(doubled) + sum(int(digit) for digit in digits[-1::-2])


def parse_neq(raw: str) -> Neq:
    """The NEQ written in `raw`, with or without spaces, hyphens, dots or "NEQ" before it.

    Raises `ValidationError` with code "neq_characters", "neq_length" or "neq_prefix".
    """
    digits = re.sub(r"^NEQ\s*:?|[\s.-]", "", _dashes_as_hyphens(_clean_input(raw)), flags=re.IGNORECASE)
    if other := re.search("[^0-9]", digits):
        raise ValidationError(
            _("The NEQ has digits only: remove “%(character)s”."),
            code="neq_characters",
            params={"character": other[0]},
        )
    if len(digits) != 10:
        raise ValidationError(
            _("The NEQ has 10 digits; this one has %(count)d."),
            code="neq_length",
            params={"count": len(digits)},
        )
    if digits[:2] not in NEQ_PREFIXES:
        raise ValidationError(
            _("The NEQ begins with 11, 22, 33 or 88, not with %(prefix)s."),
            code="neq_prefix",
            params={"prefix": digits[:2]},
        )
    return Neq(digits)


def _dashes_as_hyphens(text: str) -> str:
    return re.sub("[\u2010-\u2015\u2212]", "-", text)


def clean_neq(raw: str) -> str:
    """The ten digits of the NEQ written in `raw`; errors as `parse_neq`."""
    return parse_neq(raw).digits


def neq_warning(neq: str) -> str | None:
    """What looks wrong in a well-formed NEQ, for a person to check; never a reason to refuse it.

    Raises `ValidationError` when `neq` is not well formed.
    """
    parsed = parse_neq(neq)
    if not parsed.has_usual_prefix:
        return str(_("A social economy enterprise usually has an NEQ that begins with 11 or 33. Check it."))
    if not parsed.passes_luhn:
        return str(_("The last digits of this NEQ do not agree with each other. Check for a typo."))
    return None


# --- Postal code --------------------------------------------------------------------------------

# Canada Post: letter, digit, letter, then digit, letter, digit; D, F, I, O, Q and U are never
# used, being too like other characters; no region is called W or Z.
_POSTAL_SHAPE = "ANANAN"
_UNUSED_LETTERS = "DFIOQU"
_UNUSED_FIRST_LETTERS = "WZ"


# Digits of a postal code, where it has digits only.
_POSTAL_DIGITS = {"FR": 5, "BE": 4, "CH": 4}
MAX_POSTAL_LENGTH = 7


def clean_postal_code(raw: str, *, country: str = CANADA) -> str:
    """A postal code as its country writes it; a Canadian one is "J0S 1Y0", from any spacing, hyphens and case.

    Raises `ValidationError` with code "postal_length", "postal_letter_expected",
    "postal_digit_expected" or "postal_unused_letter", naming the character at fault.
    """
    if country != CANADA:
        return _clean_foreign_postal_code(raw, country)
    code = re.sub(r"[\s.-]", "", _dashes_as_hyphens(_clean_input(raw))).upper()
    if len(code) != len(_POSTAL_SHAPE):
        raise ValidationError(
            _("A postal code has 6 letters and digits, such as J0S 1Y0; this one has %(count)d."),
            code="postal_length",
            params={"count": len(code)},
        )
    for position, (character, kind) in enumerate(zip(code, _POSTAL_SHAPE, strict=True), start=1):
        _check_postal_character(character, kind, position)
    return f"{code[:3]} {code[3:]}"


def _clean_foreign_postal_code(raw: str, country: str) -> str:
    """So many digits in a country that we know; elsewhere letters, digits, spaces and hyphens, in capitals."""
    text = " ".join(_dashes_as_hyphens(_clean_input(raw)).upper().split())
    if expected := _POSTAL_DIGITS.get(country):
        code = re.sub(rf"^(?:{country}|[FB]|CH)-|[\s.]", "", text)
        if not re.fullmatch(rf"[0-9]{{{expected}}}", code):
            message = _("A postal code has %(count)d digits here.")
            raise ValidationError(message, code="postal_length", params={"count": expected})
        return code
    if not re.fullmatch(rf"[A-Z0-9][A-Z0-9 -]{{1,{MAX_POSTAL_LENGTH - 1}}}", text):
        message = _("A postal code has at most %(count)d letters and digits.")
        raise ValidationError(message, code="postal_length", params={"count": MAX_POSTAL_LENGTH})
    return text


def _check_postal_character(character: str, kind: str, position: int) -> None:
    params = {"character": character, "position": position}
    if kind == "N" and character not in "0123456789":
        message = _("Character %(position)d of the postal code must be a digit, not “%(character)s”.")
        raise ValidationError(message, code="postal_digit_expected", params=params)
    if kind == "A" and not ("A" <= character <= "Z"):
        message = _("Character %(position)d of the postal code must be a letter, not “%(character)s”.")
        raise ValidationError(message, code="postal_letter_expected", params=params)
    if character in _UNUSED_LETTERS:
        message = _("No Canadian postal code contains the letter “%(character)s”.")
        raise ValidationError(message, code="postal_unused_letter", params=params)
    if position == 1 and character in _UNUSED_FIRST_LETTERS:
        message = _("No Canadian postal code begins with the letter “%(character)s”.")
        raise ValidationError(message, code="postal_unused_letter", params=params)


# --- Telephone ----------------------------------------------------------------------------------

_EXTENSION = re.compile(
    r"[\s,;(/-]*(?:\b(?:poste|local|extension|ext|p)\b\.?|x|#)\s*[:#]?\s*(?:n[o°]\.?)?\s*([0-9]{1,7})\s*\)?$",
    re.IGNORECASE,
)


def parse_phone(raw: str, *, country: str = CANADA) -> tuple[str, str]:
    """(E.164 number, extension or "") of what was typed: "450 555-0123, poste 25".

    A number without "+" is one of `country`. Raises `ValidationError` with code "phone_characters",
    "phone_length" or "phone_invalid".
    """
    text, extension = _split_extension(_clean_input(raw))
    # phonenumbers would read the letters as keys of a dial, and "poste 25" as part of the number.
    if letter := re.search(r"[^\W\d_]", text):
        raise ValidationError(
            _("This telephone number contains “%(character)s”; write digits, then “ext. 25” if needed."),
            code="phone_characters",
            params={"character": letter[0]},
        )
    return _to_e164(text, country), extension


def _split_extension(text: str) -> tuple[str, str]:
    if found := _EXTENSION.search(text):
        return text[: found.start()], found[1]
    return text, ""


def _to_e164(text: str, country: str) -> str:
    too_short_or_long = ValidationError(
        _("Write the telephone number with its area code, such as 450 555-0123.")
        if country == CANADA
        else _("Write the whole telephone number; one of another country begins with + and its code."),
        code="phone_length",
    )
    try:
        # Of a country that we don't know, only whole numbers are understood: +33 1 44 55 66 77.
        parsed = phonenumbers.parse(text, country if country in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException as error:
        raise too_short_or_long from error
    # A local number without its area code is another answer than "possible".
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise too_short_or_long
    if not phonenumbers.is_valid_number(parsed):
        message = _("No telephone can have this number: check its area code and its digits.")
        raise ValidationError(message, code="phone_invalid")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


# --- Website ------------------------------------------------------------------------------------

MAX_WEBSITE_LENGTH = 500  # characters
_WEB_SCHEMES = frozenset({"http", "https"})
_validate_url = URLValidator(schemes=sorted(_WEB_SCHEMES))


def clean_website(raw: str) -> str:
    """An http(s) address with a public host name, "https://" being added when no scheme is given.

    The scheme and host come out in lower case. Raises `ValidationError` with code
    "website_email", "website_scheme", "website_host" or "website_invalid".
    """
    text = _clean_input(raw)
    if re.fullmatch(r"(?:mailto:)?[^\s/@:]+@[^\s/@:]+", text, re.IGNORECASE):
        raise ValidationError(_("This is an e-mail address, not a website."), code="website_email")
    url = _add_scheme(text)
    try:
        parts = urlsplit(url)
        _validate_url(url)
    except (ValueError, ValidationError) as error:
        message = _("This is not the address of a website, such as https://www.example.ca.")
        raise ValidationError(message, code="website_invalid") from error
    _check_host(parts.hostname or "", parts.netloc)
    if len(url) > MAX_WEBSITE_LENGTH or "\\" in url:
        raise ValidationError(_("This address is too long or holds a backslash."), code="website_invalid")
    # urlsplit has put the scheme in lower case.
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, parts.query, parts.fragment))


def _add_scheme(text: str) -> str:
    """`text` with a scheme; "example.ca:8080" is a host with its port, not a scheme."""
    found = re.match(r"([a-z][a-z0-9+.-]*):(?![0-9])", text, re.IGNORECASE)
    if found is None:
        return "https://" + text.removeprefix("//")
    if found[1].lower() not in _WEB_SCHEMES:
        message = _("A website’s address begins with https:// or http://.")
        raise ValidationError(message, code="website_scheme")
    return text


def _check_host(host: str, netloc: str) -> None:
    if "@" in netloc:
        raise ValidationError(_("Remove the user name from this address."), code="website_host")
    if "." not in host.strip(".") or _is_ip_address(host):
        message = _("Write the website’s name, such as www.example.ca.")
        raise ValidationError(message, code="website_host")


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
