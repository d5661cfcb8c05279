"""What triggers keep of edits and of owners.

Of each edit, the row before it: bulk updates, imports and psql count too. `pole.actor`,
`pole.reason` and `pole.edit` are set by `enterprises.history.recorded` for the transaction.
"""

from django.db import migrations

KEEP_HISTORY = """
CREATE FUNCTION enterprises_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD) - 'document' - 'name_key' - 'lost_owner_at';
    new_row jsonb := to_jsonb(NEW) - 'document' - 'name_key' - 'lost_owner_at';
    names varchar(30)[];
BEGIN
    SELECT array_agg(key::varchar(30) ORDER BY key) INTO names
    FROM jsonb_each(old_row) each
    WHERE key NOT IN ('updated_at', 'version') AND value IS DISTINCT FROM new_row -> key;
    IF names IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO enterprises_listingversion (listing_id, edit, at, actor_id, reason, changed, before)
    VALUES (
        OLD.id,
        coalesce(nullif(current_setting('pole.edit', true), ''), 'tx-' || txid_current()),
        now(),
        nullif(current_setting('pole.actor', true), '')::bigint,
        coalesce(current_setting('pole.reason', true), ''),
        names,
        old_row
    )
    ON CONFLICT (listing_id, edit) DO UPDATE SET changed = ARRAY(
        SELECT DISTINCT unnest(enterprises_listingversion.changed || excluded.changed) ORDER BY 1
    );
    RETURN NULL;
END $$;
-- Not OF document: what wakes the search trigger changes nothing that people wrote.
CREATE TRIGGER enterprises_keep_history AFTER UPDATE OF
    slug, state, name, other_names, legal_form, neq, founded, mission, mission_en, description, description_en,
    products, products_en, supplies, licences, quote_contact, street, municipality_id, postal_code, latitude,
    longitude, phone, phone_extension, email, website, social_links, opening_hours, opening_hours_en, workforce,
    languages, logo, verified_on, merged_into_id, sector_ids, served
ON enterprises_listing FOR EACH ROW EXECUTE FUNCTION enterprises_keep_history();
"""
DROP_HISTORY = """
DROP TRIGGER enterprises_keep_history ON enterprises_listing;
DROP FUNCTION enterprises_keep_history();
"""

KEEP_OWNERS = """
CREATE FUNCTION enterprises_owners_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.role = 'owner' THEN
        UPDATE enterprises_listing SET lost_owner_at = now()
        WHERE id = OLD.listing_id AND NOT EXISTS (
            SELECT FROM enterprises_listingrole WHERE listing_id = OLD.listing_id AND role = 'owner'
        );
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.role = 'owner' THEN
        UPDATE enterprises_listing SET lost_owner_at = NULL
        WHERE id = NEW.listing_id AND lost_owner_at IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enterprises_owners_changed AFTER INSERT OR DELETE OR UPDATE ON enterprises_listingrole
FOR EACH ROW EXECUTE FUNCTION enterprises_owners_changed();
"""
DROP_OWNERS = """
DROP TRIGGER enterprises_owners_changed ON enterprises_listingrole;
DROP FUNCTION enterprises_owners_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0008_keeping")]
    operations = [
        migrations.RunSQL(KEEP_HISTORY, DROP_HISTORY),
        migrations.RunSQL(KEEP_OWNERS, DROP_OWNERS),
    ]
