"""The five entries of the main menu and those of the foot, which staff may change."""

from django.db import migrations

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


def add(apps, schema_editor):
    MenuItem = apps.get_model("pole", "MenuItem")
    MenuItem.objects.bulk_create(
        MenuItem(place=place, position=position, label=label, label_en=label_en, address=address)
        for position, (place, label, label_en, address) in enumerate(ENTRIES)
    )


def remove(apps, schema_editor):
    apps.get_model("pole", "MenuItem").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("pole", "0005_cache_table")]
    operations = [migrations.RunPython(add, remove)]
