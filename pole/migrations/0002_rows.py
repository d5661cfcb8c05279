"""The rows that every installation starts with: the territory, former names of its towns, the menus."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"
# Facts of the Répertoire des municipalités.
TERRITORY = DATA / "territory.csv"
# `key` is pole.geo.gazetteer.municipality_name_key of the name.
FORMER_TOWNS = DATA / "former_towns.csv"
# The five entries of the main menu and those of the foot, which staff may change.
ENTRIES = [
    ("header", "Forums et votes", "Forums and votes", "/forums/"),
    ("header", "Répertoire", "Directory", "/repertoire/"),
    ("header", "Priorités", "Priorities", "/priorites/"),
    ("header", "Actualités", "News", "/billets/"),
    ("header", "Le Pôle", "The hub", "/a-propos/"),
    ("footer", "Contact", "Contact", "/contact/"),
    ("footer", "Confidentialité", "Privacy", "/confidentialite/"),
    ("footer", "Accessibilité", "Accessibility", "/accessibilite/"),
]


def load_territory(apps, schema_editor):
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


def load_former_towns(apps, schema_editor):
    known = set(apps.get_model("pole", "Municipality").objects.values_list("code", flat=True))
    former_model = apps.get_model("pole", "FormerMunicipality")
    with FORMER_TOWNS.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file) if row["code"] in known}
    former_model.objects.bulk_create(
        former_model(key=key, name=row["name"], municipality_id=row["code"]) for key, row in rows.items()
    )


def load_menu(apps, schema_editor):
    MenuItem = apps.get_model("pole", "MenuItem")
    MenuItem.objects.bulk_create(
        MenuItem(place=place, position=position, label=label, label_en=label_en, address=address)
        for position, (place, label, label_en, address) in enumerate(ENTRIES)
    )


def unload(apps, schema_editor):
    for name in ("MenuItem", "FormerMunicipality", "Municipality", "Mrc"):
        apps.get_model("pole", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("pole", "0001_initial")]
    operations = [
        migrations.RunPython(load_territory, unload),
        migrations.RunPython(load_former_towns, migrations.RunPython.noop),
        migrations.RunPython(load_menu, migrations.RunPython.noop),
    ]
