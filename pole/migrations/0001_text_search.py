"""Extensions, and what text search stands on."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# unaccent() is only STABLE, since its dictionary could be replaced; naming the dictionary makes it
# as constant as an index needs.
UNACCENT = """
CREATE FUNCTION pole_unaccent(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN public.unaccent('public.unaccent'::regdictionary, $1);
CREATE FUNCTION pole_unaccent_lower(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
"""
CONFIGURATIONS = """
CREATE TEXT SEARCH CONFIGURATION pole_french (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION pole_french
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION pole_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION pole_english
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, english_stem;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(
            UNACCENT,
            "DROP FUNCTION pole_unaccent_lower(text); DROP FUNCTION pole_unaccent(text)",
        ),
        migrations.RunSQL(
            CONFIGURATIONS,
            "DROP TEXT SEARCH CONFIGURATION pole_french; DROP TEXT SEARCH CONFIGURATION pole_english",
        ),
    ]
