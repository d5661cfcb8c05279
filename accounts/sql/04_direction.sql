-- Somebody always has the direction: nobody else gives roles. An installation emptied of everyone begins anew.

CREATE OR REPLACE FUNCTION accounts_keep_direction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two who go at once: the second waits here, then sees that the first has gone.
    PERFORM pg_advisory_xact_lock(hashtext('accounts_keep_direction'));
    IF NOT EXISTS (SELECT FROM accounts_user WHERE is_active AND 'direction' = ANY (roles))
        AND EXISTS (SELECT FROM accounts_user) THEN
        RAISE EXCEPTION 'the team keeps somebody who has the direction' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION accounts_keep_direction() IS
    'Refuses to take the direction from the last active person who has it: nobody could give roles any more.';

CREATE OR REPLACE TRIGGER accounts_keep_direction_changed AFTER UPDATE OF roles, is_active ON accounts_user
FOR EACH ROW WHEN (OLD.is_active AND 'direction' = ANY (OLD.roles) AND NOT (NEW.is_active AND 'direction' = ANY (NEW.roles)))
EXECUTE FUNCTION accounts_keep_direction();
COMMENT ON TRIGGER accounts_keep_direction_changed ON accounts_user IS
    'The last person of the direction neither loses the role nor is closed.';

CREATE OR REPLACE TRIGGER accounts_keep_direction_deleted AFTER DELETE ON accounts_user
FOR EACH ROW WHEN (OLD.is_active AND 'direction' = ANY (OLD.roles))
EXECUTE FUNCTION accounts_keep_direction();
COMMENT ON TRIGGER accounts_keep_direction_deleted ON accounts_user IS
    'The last person of the direction is not deleted.';
