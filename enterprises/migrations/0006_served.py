"""`served`: the MRCs of `territory` beside each listing, and what visitors read of its files.

As `sector_ids` in 0003: an INSERT keeps what it is given, an UPDATE reads the join table again.
"""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change

KEEP_SERVED = """
CREATE FUNCTION enterprises_keep_served() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.served := ARRAY(
        SELECT mrc_id FROM enterprises_listing_territory WHERE listing_id = NEW.id ORDER BY mrc_id
    );
    RETURN NEW;
END $$;
CREATE TRIGGER enterprises_keep_served BEFORE UPDATE OF served
ON enterprises_listing FOR EACH ROW EXECUTE FUNCTION enterprises_keep_served();

CREATE FUNCTION enterprises_listing_territory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing listing SET served = fresh.served
    FROM (
        SELECT listing_id, ARRAY(
            SELECT mrc_id FROM enterprises_listing_territory kept
            WHERE kept.listing_id = touched.listing_id ORDER BY mrc_id
        )::varchar(3)[] AS served
        FROM (SELECT DISTINCT listing_id FROM changed) touched
    ) fresh
    WHERE listing.id = fresh.listing_id AND listing.served IS DISTINCT FROM fresh.served;
    RETURN NULL;
END $$;
CREATE TRIGGER enterprises_listing_territory_added AFTER INSERT ON enterprises_listing_territory
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_territory_changed();
CREATE TRIGGER enterprises_listing_territory_removed AFTER DELETE ON enterprises_listing_territory
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_territory_changed();
UPDATE enterprises_listing SET served = '{}'
WHERE id IN (SELECT listing_id FROM enterprises_listing_territory);
"""
DROP_KEEP_SERVED = """
DROP TRIGGER enterprises_listing_territory_added ON enterprises_listing_territory;
DROP TRIGGER enterprises_listing_territory_removed ON enterprises_listing_territory;
DROP FUNCTION enterprises_listing_territory_changed();
DROP TRIGGER enterprises_keep_served ON enterprises_listing;
DROP FUNCTION enterprises_keep_served();
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0005_whole_listing")]
    operations = [
        migrations.RunSQL(KEEP_SERVED, DROP_KEEP_SERVED),
        raise_version_on_change("enterprises", "enterprises_listingphoto"),
        raise_version_on_change("enterprises", "enterprises_listingdocument"),
        raise_version_on_change("enterprises", "enterprises_attestation"),
    ]
