"""The table of the shared cache (rate limits), as `createcachetable` would make it."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE pole_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX pole_cache_expires ON pole_cache (expires)
"""


class Migration(migrations.Migration):
    dependencies = [("pole", "0004_territory")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE pole_cache")]
