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
    'Reads the MRCs that a listing serves again, so that a stale row written back changes nothing.';
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
        )::varchar(3)[] AS served
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
