"""The trigger function behind `pole.versions`, and the hub's own triggers."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change

FUNCTION = """
CREATE FUNCTION pole_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pole_contentversion (room, number) VALUES (TG_ARGV[0], 1)
    ON CONFLICT (room) DO UPDATE SET number = pole_contentversion.number + 1;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("pole", "0002_tables")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION pole_raise_version()"),
        raise_version_on_change("hub", "pole_hub"),
        raise_version_on_change("hub", "pole_hub_territory"),
        raise_version_on_change("hub", "pole_menuitem"),
        raise_version_on_change("hub", "pole_municipality"),
        raise_version_on_change("hub", "pole_mrc"),
    ]
