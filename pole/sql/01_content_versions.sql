-- One number for each scope, raised by whatever changes something public (pole/caching/content_versions.py). Every other
-- package uses pole_raise_version.

CREATE OR REPLACE FUNCTION pole_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted text := coalesce(current_setting('pole.changed_scopes', true), '');
    scopes text := ' ' || array_to_string(TG_ARGV, ' ') || ' ';
BEGIN
    -- In a setting of the transaction: a savepoint that is rolled back takes back what was noted since.
    IF position(scopes IN noted) = 0 THEN
        PERFORM set_config('pole.changed_scopes', noted || scopes, true);
    END IF;
    IF noted = '' THEN
        INSERT INTO pole_noted_change DEFAULT VALUES;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pole_raise_version() IS
    'Has the content versions of the scopes named by the trigger raised when the transaction commits.';

CREATE OR REPLACE FUNCTION pole_raise_noted_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pole_noted_change WHERE id = NEW.id;
    INSERT INTO pole_contentversion (scope, number)
    SELECT DISTINCT noted.scope COLLATE "C", 1
    FROM string_to_table(current_setting('pole.changed_scopes', true), ' ') AS noted (scope)
    WHERE noted.scope <> ''
    ORDER BY 1
    ON CONFLICT (scope) DO UPDATE SET number = pole_contentversion.number + 1;
    INSERT INTO pole_numbered_change (scope, number, xact)
    SELECT scope, number, pg_current_xact_id() FROM pole_contentversion version
    WHERE position(' ' || scope || ' ' IN current_setting('pole.changed_scopes', true)) > 0
    AND EXISTS (
        SELECT FROM pole_changed_row changed
        WHERE changed.xact = pg_current_xact_id() AND changed.scope = version.scope
    )
    ON CONFLICT (scope, number) DO UPDATE SET xact = excluded.xact, at = excluded.at;
    PERFORM set_config('pole.changed_scopes', '', true);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pole_raise_noted_versions() IS
    'At commit, raises the versions of all that the transaction changed, in alphabetical order; their rows are then locked until it is durable, so that versions rise in the order in which changes become visible.';

DROP TRIGGER IF EXISTS pole_noted_change_raises_versions ON pole_noted_change;
CREATE CONSTRAINT TRIGGER pole_noted_change_raises_versions
AFTER INSERT ON pole_noted_change DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION pole_raise_noted_versions();
COMMENT ON TRIGGER pole_noted_change_raises_versions ON pole_noted_change IS
    'One row a transaction, whatever it changes: deferred to its commit.';

CREATE OR REPLACE TRIGGER pole_hub_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_hub
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_hub_raises_hub ON pole_hub IS
    'Every page shows the identity of the hub.';

CREATE OR REPLACE TRIGGER pole_menuitem_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_menuitem
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_menuitem_raises_hub ON pole_menuitem IS
    'Every page shows the menus.';

CREATE OR REPLACE TRIGGER pole_teammember_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_teammember
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_teammember_raises_hub ON pole_teammember IS
    'The contact page shows the team.';
CREATE OR REPLACE TRIGGER pole_partner_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_partner
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_partner_raises_hub ON pole_partner IS
    'Every page shows the partners at its foot.';

CREATE OR REPLACE TRIGGER pole_municipality_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_municipality
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_municipality_raises_hub ON pole_municipality IS
    'Pages name municipalities.';

CREATE OR REPLACE TRIGGER pole_mrc_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_mrc
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_mrc_raises_hub ON pole_mrc IS
    'Pages name MRCs.';

CREATE OR REPLACE TRIGGER pole_formermunicipality_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_formermunicipality
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_formermunicipality_raises_hub ON pole_formermunicipality IS
    'A search by place knows former names.';

CREATE OR REPLACE TRIGGER pole_municipalityboundary_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_municipalityboundary
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_municipalityboundary_raises_hub ON pole_municipalityboundary IS
    'The map draws boundaries.';

CREATE OR REPLACE TRIGGER pole_synonymgroup_raises_hub
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON pole_synonymgroup
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('hub');
COMMENT ON TRIGGER pole_synonymgroup_raises_hub ON pole_synonymgroup IS
    'A search also finds synonyms.';
