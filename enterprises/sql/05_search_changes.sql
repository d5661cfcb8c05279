-- What visitors search of this package notes its changes for search indexes (pole/sql/03_search_changes.sql).

CREATE OR REPLACE TRIGGER enterprises_listing_changes_search
AFTER INSERT OR DELETE OR UPDATE ON enterprises_listing
FOR EACH ROW EXECUTE FUNCTION pole_note_search_change('enterprises');
COMMENT ON TRIGGER enterprises_listing_changes_search ON enterprises_listing IS
    'Visitors search listings; a change of their sectors, places or MRCs writes them again.';

CREATE OR REPLACE TRIGGER enterprises_listing_truncated_changes_search
AFTER TRUNCATE ON enterprises_listing
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('enterprises');
COMMENT ON TRIGGER enterprises_listing_truncated_changes_search ON enterprises_listing IS
    'All listings are gone.';

CREATE OR REPLACE TRIGGER enterprises_sector_truncated_changes_search
AFTER TRUNCATE ON enterprises_sector
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('enterprises');
COMMENT ON TRIGGER enterprises_sector_truncated_changes_search ON enterprises_sector IS
    'The names of sectors find no listing any more.';
