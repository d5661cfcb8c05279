-- When a listing lost its last owner.

CREATE OR REPLACE FUNCTION enterprises_owners_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION enterprises_owners_changed() IS
    'Sets lost_owner_at when a listing loses its last owner, and clears it when it has one again.';
CREATE OR REPLACE TRIGGER enterprises_owners_changed AFTER INSERT OR DELETE OR UPDATE ON enterprises_listingrole
FOR EACH ROW EXECUTE FUNCTION enterprises_owners_changed();
COMMENT ON TRIGGER enterprises_owners_changed ON enterprises_listingrole IS
    'An owner may have come or gone.';
