"""The territory table, from data/territory.csv (facts of the Répertoire des municipalités)."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

from django.db import migrations

TERRITORY = Path(__file__).resolve().parent.parent / "data" / "territory.csv"


def load(apps, schema_editor):
    Mrc = apps.get_model("pole", "Mrc")
    Municipality = apps.get_model("pole", "Municipality")
    with TERRITORY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    mrcs = {row["mrc_code"]: (row["mrc_name"], row["mrc_kind"]) for row in rows if row["mrc_code"]}
    Mrc.objects.bulk_create(Mrc(code=code, name=name, kind=kind) for code, (name, kind) in mrcs.items())
    names = Counter(row["name"] for row in rows)
    Municipality.objects.bulk_create(
        Municipality(
            code=row["code"],
            name=row["name"],
            designation=row["designation"],
            mrc_id=row["mrc_code"] or None,
            latitude=Decimal(row["latitude"]),
            longitude=Decimal(row["longitude"]),
            is_homonym=names[row["name"]] > 1,
        )
        for row in rows
    )


def unload(apps, schema_editor):
    apps.get_model("pole", "Municipality").objects.all().delete()
    apps.get_model("pole", "Mrc").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("pole", "0003_content_versions")]
    operations = [migrations.RunPython(load, unload)]
