"""Takes the shipped towns away where no hub has been set up: they belong to the demonstration.

A hub that runs, or a town that anything refers to, leaves all of them as they are.
"""

import csv
from pathlib import Path

from django.db import migrations
from psycopg import sql

TERRITORY = Path(__file__).resolve().parent.parent / "data" / "territory.csv"
# Rows of any package, of one that this migration does not know too, that refer to a town or to an MRC.
REFERENCES = """
SELECT source.relname, attribute.attname
FROM pg_constraint fk
JOIN pg_class source ON source.oid = fk.conrelid
JOIN pg_attribute attribute ON attribute.attrelid = fk.conrelid AND attribute.attnum = fk.conkey[1]
WHERE fk.contype = 'f' AND fk.confrelid IN ('pole_municipality'::regclass, 'pole_mrc'::regclass)
    AND source.relname NOT IN ('pole_municipality', 'pole_formermunicipality')
"""


def remove_unused(apps, schema_editor):
    if apps.get_model("pole", "Hub").objects.exists():
        return
    with TERRITORY.open(encoding="utf-8", newline="") as file:
        shipped = {row["code"] for row in csv.DictReader(file)}
    municipality = apps.get_model("pole", "Municipality")
    # Another list was loaded: it is somebody's.
    if set(municipality.objects.values_list("code", flat=True)) != shipped:
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(REFERENCES)
        for table, column in cursor.fetchall():
            names = sql.Identifier(table), sql.Identifier(column)
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL)").format(*names))
            if cursor.fetchone() == (True,):
                return
    for name in ("FormerMunicipality", "Municipality", "Mrc"):
        apps.get_model("pole", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("pole", "0003_territory_of_any_region")]
    operations = [migrations.RunPython(remove_unused, migrations.RunPython.noop)]
