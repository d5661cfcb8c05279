"""The rows to read again into search indexes, by transaction, and the content version that each transaction raised: see
pole/sql/03_search_changes.sql."""

from django.db import migrations

# Not models: triggers write their rows, and pole.search.index reads them by one statement.
SEARCH_CHANGES = """
CREATE TABLE pole_changed_row (
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    scope varchar(20) NOT NULL,
    key bigint NOT NULL,
    PRIMARY KEY (xact, scope, key)
);
CREATE TABLE pole_numbered_change (
    scope varchar(20) NOT NULL,
    number bigint NOT NULL,
    xact xid8 NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, number)
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pole", "0010_synonyms"),
    ]

    operations = [
        migrations.RunSQL(SEARCH_CHANGES, "DROP TABLE pole_changed_row; DROP TABLE pole_numbered_change")
    ]
