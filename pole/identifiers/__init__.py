"""Numbers and addresses that identify an enterprise, as people write them.

Each function takes what was typed and gives the form that is stored, or raises `ValidationError`
with the reason, so that the message beside the field says what to change.
"""

from pole.identifiers.cleaning import CANADA
from pole.identifiers.neq import NEQ_PREFIXES, USUAL_NEQ_PREFIXES, Neq, clean_neq, neq_warning, parse_neq
from pole.identifiers.phone import parse_phone
from pole.identifiers.postal_code import MAX_POSTAL_LENGTH, clean_postal_code, mend_postal_code
from pole.identifiers.website import MAX_WEBSITE_LENGTH, clean_website

__all__ = [
    "CANADA",
    "MAX_POSTAL_LENGTH",
    "MAX_WEBSITE_LENGTH",
    "NEQ_PREFIXES",
    "USUAL_NEQ_PREFIXES",
    "Neq",
    "clean_neq",
    "clean_postal_code",
    "clean_website",
    "mend_postal_code",
    "neq_warning",
    "parse_neq",
    "parse_phone",
]
