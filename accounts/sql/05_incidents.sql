-- The register of privacy incidents is corrected by another version, and kept for five years at least.

CREATE OR REPLACE FUNCTION accounts_keep_incident() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about bigint;
    last date;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        RAISE EXCEPTION 'the register of incidents is added to, never changed nor emptied' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_TABLE_NAME = 'accounts_incident' THEN
        about := OLD.id;
        last := OLD.created_at::date;
    ELSE
        about := OLD.incident_id;
        last := greatest(OLD.at::date, OLD.known_on, OLD.known_until);
    END IF;
    -- From when it was known at the latest, whichever version says so, or was first written here: no correction shortens it.
    SELECT greatest(last, max(greatest(known_on, known_until))) INTO last FROM accounts_incidententry WHERE incident_id = about;
    IF last + interval '5 years' > current_date THEN
        RAISE EXCEPTION 'an incident is kept for five years' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
COMMENT ON FUNCTION accounts_keep_incident() IS
    'Refuses any change to the register of incidents, and to delete one within five years of when it was known.';

CREATE OR REPLACE TRIGGER accounts_keep_incident BEFORE UPDATE OR DELETE ON accounts_incident
FOR EACH ROW EXECUTE FUNCTION accounts_keep_incident();
COMMENT ON TRIGGER accounts_keep_incident ON accounts_incident IS 'An incident stays in the register for five years at least.';

CREATE OR REPLACE TRIGGER accounts_keep_incident_entry BEFORE UPDATE OR DELETE ON accounts_incidententry
FOR EACH ROW EXECUTE FUNCTION accounts_keep_incident();
COMMENT ON TRIGGER accounts_keep_incident_entry ON accounts_incidententry IS
    'What was written of an incident stays as it was written.';

CREATE OR REPLACE TRIGGER accounts_incident_never_truncated BEFORE TRUNCATE ON accounts_incident
FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep_incident();
COMMENT ON TRIGGER accounts_incident_never_truncated ON accounts_incident IS 'The register is never emptied at once.';

CREATE OR REPLACE TRIGGER accounts_incident_entry_never_truncated BEFORE TRUNCATE ON accounts_incidententry
FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep_incident();
COMMENT ON TRIGGER accounts_incident_entry_never_truncated ON accounts_incidententry IS 'The register is never emptied at once.';
