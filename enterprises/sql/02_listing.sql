-- What the database does by itself when a listing, or a row that a listing copies from, is written: the search document,
-- the copies of sectors and MRCs, and the history.

-- --- Search document and sectors ---

-- What lists and search read of a listing: `document` and `sector_ids`. They hold words and numbers of other tables
-- (sectors, municipality, MRC), so that a search joins none. A BEFORE trigger makes them whenever a column that the
-- document is made from is written; changes in the other tables write their listings again (`document = NULL` only wakes
-- that trigger).

-- An INSERT stores the `sector_ids` that it is given (rows of the join table can only come after it);
-- an UPDATE reads them again, so that a stale row written back changes nothing.
CREATE OR REPLACE FUNCTION enterprises_write_search_document() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place_names text;
    sectors_fr text;
    sectors_en text;
    synonyms text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.sector_ids := ARRAY(
            SELECT sector_id FROM enterprises_listing_sectors
            WHERE listing_id = NEW.id ORDER BY sector_id
        );
    END IF;
    SELECT concat_ws(' ', municipality.name, mrc.name) INTO place_names
    FROM pole_municipality municipality
    LEFT JOIN pole_mrc mrc ON mrc.code = municipality.mrc_id
    WHERE municipality.code = NEW.municipality_id;
    SELECT string_agg(name, ' '), string_agg(name_en, ' '), string_agg(array_to_string(s.synonyms, ' '), ' ')
    INTO sectors_fr, sectors_en, synonyms
    FROM enterprises_sector s WHERE id = ANY (NEW.sector_ids);
    NEW.document :=
        setweight(to_tsvector('pole_french', translate(
            concat_ws(' . ', NEW.name, array_to_string(NEW.other_names, ' . ')), '/', ' ')), 'A')
        || setweight(to_tsvector('pole_french', translate(
            concat_ws(' . ', NEW.mission, array_to_string(NEW.products, ' . '), sectors_fr), '/', ' ')), 'B')
        || setweight(to_tsvector('pole_english', translate(
            concat_ws(' . ', NEW.mission_en, array_to_string(NEW.products_en, ' . '), sectors_en), '/', ' ')), 'B')
        || setweight(to_tsvector('pole_french', concat_ws(' . ', left(NEW.description, 50000), place_names)), 'C')
        || setweight(to_tsvector('pole_english', left(NEW.description_en, 50000)), 'C')
        || setweight(to_tsvector('pole_french', coalesce(synonyms, '')), 'D');
    RETURN NEW;
END $$;
COMMENT ON FUNCTION enterprises_write_search_document() IS
    'Makes the search document of a listing, from its own text and the names of its sectors, municipality and MRC, and reads its sectors again.';

CREATE OR REPLACE TRIGGER enterprises_write_search_document
BEFORE INSERT OR UPDATE OF
    name, other_names, mission, mission_en, description, description_en, products, products_en,
    municipality_id, sector_ids, document
ON enterprises_listing FOR EACH ROW EXECUTE FUNCTION enterprises_write_search_document();
COMMENT ON TRIGGER enterprises_write_search_document ON enterprises_listing IS
    'Whatever the search document is made from was written.';

CREATE OR REPLACE FUNCTION enterprises_listing_sectors_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing listing SET sector_ids = fresh.sector_ids
    FROM (
        SELECT listing_id, ARRAY(
            SELECT sector_id FROM enterprises_listing_sectors link
            WHERE link.listing_id = touched.listing_id ORDER BY sector_id
        ) AS sector_ids
        FROM (SELECT DISTINCT listing_id FROM changed) touched
    ) fresh
    WHERE listing.id = fresh.listing_id AND listing.sector_ids IS DISTINCT FROM fresh.sector_ids;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_listing_sectors_changed() IS
    'Copies the sectors of listings whose sectors changed to the listings themselves.';

CREATE OR REPLACE TRIGGER enterprises_listing_sectors_added AFTER INSERT ON enterprises_listing_sectors
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_sectors_changed();
COMMENT ON TRIGGER enterprises_listing_sectors_added ON enterprises_listing_sectors IS
    'Listings were given sectors.';
CREATE OR REPLACE TRIGGER enterprises_listing_sectors_removed AFTER DELETE ON enterprises_listing_sectors
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_sectors_changed();
COMMENT ON TRIGGER enterprises_listing_sectors_removed ON enterprises_listing_sectors IS
    'Listings lost sectors.';

CREATE OR REPLACE FUNCTION enterprises_sector_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing SET document = NULL WHERE sector_ids @> ARRAY[NEW.id];
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_sector_renamed() IS
    'Has the search documents of a sector''s listings made again.';
CREATE OR REPLACE TRIGGER enterprises_sector_renamed AFTER UPDATE OF name, name_en, synonyms ON enterprises_sector
FOR EACH ROW WHEN ((OLD.name, OLD.name_en, OLD.synonyms) IS DISTINCT FROM (NEW.name, NEW.name_en, NEW.synonyms))
EXECUTE FUNCTION enterprises_sector_renamed();
COMMENT ON TRIGGER enterprises_sector_renamed ON enterprises_sector IS
    'Search documents hold the names and synonyms of sectors.';

CREATE OR REPLACE FUNCTION enterprises_municipality_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing SET document = NULL WHERE municipality_id = NEW.code;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_municipality_changed() IS
    'Has the search documents of a municipality''s listings made again.';
CREATE OR REPLACE TRIGGER enterprises_municipality_changed AFTER UPDATE OF name, mrc_id ON pole_municipality
FOR EACH ROW WHEN ((OLD.name, OLD.mrc_id) IS DISTINCT FROM (NEW.name, NEW.mrc_id))
EXECUTE FUNCTION enterprises_municipality_changed();
COMMENT ON TRIGGER enterprises_municipality_changed ON pole_municipality IS
    'Search documents hold the name of the municipality and of its MRC.';

CREATE OR REPLACE FUNCTION enterprises_mrc_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing SET document = NULL
    WHERE municipality_id IN (SELECT code FROM pole_municipality WHERE mrc_id = NEW.code);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_mrc_renamed() IS
    'Has the search documents of the listings of an MRC made again.';
CREATE OR REPLACE TRIGGER enterprises_mrc_renamed AFTER UPDATE OF name ON pole_mrc
FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
EXECUTE FUNCTION enterprises_mrc_renamed();
COMMENT ON TRIGGER enterprises_mrc_renamed ON pole_mrc IS
    'Search documents hold the name of the MRC.';

-- --- MRCs served ---

-- `served`: the MRCs that a listing serves, beside it, so that a search joins no table.
-- As `sector_ids`: an INSERT stores what it is given, an UPDATE reads the join table again.

CREATE OR REPLACE FUNCTION enterprises_write_served() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.served := ARRAY(
        SELECT mrc_id FROM enterprises_listing_territory WHERE listing_id = NEW.id ORDER BY mrc_id
    );
    RETURN NEW;
END $$;
COMMENT ON FUNCTION enterprises_write_served() IS
    'Reads again the MRCs that a listing serves, so that a stale row written back changes nothing.';
CREATE OR REPLACE TRIGGER enterprises_write_served BEFORE UPDATE OF served
ON enterprises_listing FOR EACH ROW EXECUTE FUNCTION enterprises_write_served();
COMMENT ON TRIGGER enterprises_write_served ON enterprises_listing IS
    'The copy of the MRCs served was written.';

CREATE OR REPLACE FUNCTION enterprises_listing_territory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enterprises_listing listing SET served = fresh.served
    FROM (
        SELECT listing_id, ARRAY(
            SELECT mrc_id FROM enterprises_listing_territory link
            WHERE link.listing_id = touched.listing_id ORDER BY mrc_id
        )::varchar(40)[] AS served
        FROM (SELECT DISTINCT listing_id FROM changed) touched
    ) fresh
    WHERE listing.id = fresh.listing_id AND listing.served IS DISTINCT FROM fresh.served;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_listing_territory_changed() IS
    'Copies the MRCs that listings serve to the listings themselves.';
CREATE OR REPLACE TRIGGER enterprises_listing_territory_added AFTER INSERT ON enterprises_listing_territory
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_territory_changed();
COMMENT ON TRIGGER enterprises_listing_territory_added ON enterprises_listing_territory IS
    'Listings were given MRCs to serve.';
CREATE OR REPLACE TRIGGER enterprises_listing_territory_removed AFTER DELETE ON enterprises_listing_territory
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION enterprises_listing_territory_changed();
COMMENT ON TRIGGER enterprises_listing_territory_removed ON enterprises_listing_territory IS
    'Listings lost MRCs to serve.';

-- --- Branches ---

-- One level: whoever reads "branch of" reads the enterprise. The rows are locked, so that two people at once make no second level.
CREATE OR REPLACE FUNCTION enterprises_check_branch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM enterprises_listing WHERE id IN (NEW.id, NEW.parent_id) ORDER BY id FOR UPDATE;
    IF EXISTS (SELECT FROM enterprises_listing WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
        OR EXISTS (SELECT FROM enterprises_listing WHERE parent_id = NEW.id) THEN
        RAISE EXCEPTION 'a branch is that of an enterprise, which is no branch itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_branch_of_one_level';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION enterprises_check_branch() IS
    'Refuses a branch of a branch, and a branch that has branches.';
CREATE OR REPLACE TRIGGER enterprises_check_branch AFTER INSERT OR UPDATE OF parent_id ON enterprises_listing
FOR EACH ROW EXECUTE FUNCTION enterprises_check_branch();
COMMENT ON TRIGGER enterprises_check_branch ON enterprises_listing IS
    'A listing was made a branch of another.';

-- --- History ---

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
