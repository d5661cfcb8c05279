-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER enterprises_listing_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_listing
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_listing_raises_enterprises ON enterprises_listing IS
    'Visitors read listings.';

CREATE OR REPLACE TRIGGER enterprises_sector_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_sector
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_sector_raises_enterprises ON enterprises_sector IS
    'Listings show their sectors.';

CREATE OR REPLACE TRIGGER enterprises_listing_sectors_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_listing_sectors
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_listing_sectors_raises_enterprises ON enterprises_listing_sectors IS
    'Listings show their sectors.';

CREATE OR REPLACE TRIGGER enterprises_listing_territory_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_listing_territory
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_listing_territory_raises_enterprises ON enterprises_listing_territory IS
    'Listings show the MRCs that they serve.';

CREATE OR REPLACE TRIGGER enterprises_listingphoto_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_listingphoto
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_listingphoto_raises_enterprises ON enterprises_listingphoto IS
    'Listings show photos.';

CREATE OR REPLACE TRIGGER enterprises_listingdocument_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_listingdocument
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_listingdocument_raises_enterprises ON enterprises_listingdocument IS
    'Listings give documents to download.';

CREATE OR REPLACE TRIGGER enterprises_attestation_raises_enterprises
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON enterprises_attestation
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('enterprises');
COMMENT ON TRIGGER enterprises_attestation_raises_enterprises ON enterprises_attestation IS
    'Listings show whether they are attested.';
