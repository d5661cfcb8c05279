"""The agenda enters the main menu, after the forums, where staff left the menu as it came."""

from django.db import migrations
from django.db.models import F

AS_IT_CAME = ["/forums/", "/repertoire/", "/priorites/", "/billets/", "/a-propos/"]


def add_agenda(apps, schema_editor):
    MenuItem = apps.get_model("pole", "MenuItem")
    entries = MenuItem.objects.filter(place="header").order_by("position", "id")
    if list(entries.values_list("address", flat=True)) != AS_IT_CAME:
        return
    place = entries[0].position
    entries.filter(position__gt=place).update(position=F("position") + 1)
    MenuItem.objects.create(
        place="header", position=place + 1, label="Agenda", label_en="Agenda", address="/agenda/"
    )


class Migration(migrations.Migration):
    dependencies = [("pole", "0020_state")]
    operations = [migrations.RunPython(add_agenda, migrations.RunPython.noop)]
