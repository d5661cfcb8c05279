"""What lists are searched by: see pole/text/matching.py."""

from django.db import migrations

# Decomposed and in small letters first, since the dictionary knows letters and marks rather than each pair of them (Ǿ), and
# ʝ without its capital. Then whatever separates
# words becomes one space, and nothing between two digits: a telephone is found however its groups are written. Two regular
# expressions rather than translate(), which took twice as long over 20 000 names.
MATCHING_TEXT = r"""
CREATE FUNCTION pole_matching_text(text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    regexp_replace(
        replace(
            lower(public.unaccent(
                'public.unaccent'::regdictionary, lower(normalize(array_to_string($1, E'\x1f'), NFD))
            )),
            'ς', 'σ'
        ),
        E'[][ ''"`´.,;:!?(){}<>/@+·•\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\n\r-]+', ' ', 'g'
    ),
    '(?<=[0-9]) (?=[0-9])', '', 'g'
));
COMMENT ON FUNCTION pole_matching_text(text[]) IS
    'Texts as lists are searched: small letters without accents, one space for whatever separates words, none between digits.';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pole", "0008_noted_changes"),
    ]

    operations = [migrations.RunSQL(MATCHING_TEXT, "DROP FUNCTION pole_matching_text(text[])")]
