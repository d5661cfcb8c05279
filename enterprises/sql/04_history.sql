-- Of each edit of a listing, the row before it: bulk updates, imports and psql count too. `pole.actor`, `pole.reason` and
-- `pole.edit` are set by `enterprises.listing.history.attributed_edit` for the transaction.

CREATE OR REPLACE FUNCTION enterprises_record_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD) - 'document' - 'name_key' - 'lost_owner_at';
    new_row jsonb := to_jsonb(NEW) - 'document' - 'name_key' - 'lost_owner_at';
    names varchar(30)[];
BEGIN
    SELECT array_agg(key::varchar(30) ORDER BY key) INTO names
    FROM jsonb_each(old_row) each
    WHERE key NOT IN ('id', 'created_at', 'updated_at', 'version') AND value IS DISTINCT FROM new_row -> key;
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
COMMENT ON FUNCTION enterprises_record_version() IS
    'Stores the listing as it was before an edit, with the names of the columns that changed: one row for an edit of several statements.';
-- On any column: the function ignores those that people do not write; a new column is recorded unless it is named there.
CREATE OR REPLACE TRIGGER enterprises_record_version AFTER UPDATE ON enterprises_listing
FOR EACH ROW EXECUTE FUNCTION enterprises_record_version();
COMMENT ON TRIGGER enterprises_record_version ON enterprises_listing IS
    'Whatever was written in the listing may be an edit.';
