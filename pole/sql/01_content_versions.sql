-- One number for each scope, raised by whatever changes something public (pole/caching/content_versions.py). Every other package uses the function.

CREATE OR REPLACE FUNCTION pole_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pole_contentversion (scope, number) VALUES (TG_ARGV[0], 1)
    ON CONFLICT (scope) DO UPDATE SET number = pole_contentversion.number + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pole_raise_version() IS
    'Raises the content version of the scope named by the trigger; its row is then locked until commit, so that versions rise in the order in which changes become visible.';

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
