-- Logs and sealed boxes are written once. The person who acted may be erased from a log.

CREATE OR REPLACE FUNCTION forums_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ? 'by_id' AND to_jsonb(NEW)->>'by_id' IS NULL
        AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'forums_dossierevent' AND to_jsonb(NEW)->>'detail' = ''
        AND to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION forums_written_once() IS
    'Refuses any change to a row once written, but to forget the person who acted, or whom a dossier was sent to.';
CREATE OR REPLACE TRIGGER forums_roundevent_once BEFORE UPDATE OR DELETE ON forums_roundevent
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
COMMENT ON TRIGGER forums_roundevent_once ON forums_roundevent IS
    'The log of a vote is written once.';
CREATE OR REPLACE TRIGGER forums_sealedbox_once BEFORE UPDATE OR DELETE ON forums_sealedbox
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
COMMENT ON TRIGGER forums_sealedbox_once ON forums_sealedbox IS
    'A sealed box is written once.';
CREATE OR REPLACE TRIGGER forums_dossierevent_once BEFORE UPDATE OR DELETE ON forums_dossierevent
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
COMMENT ON TRIGGER forums_dossierevent_once ON forums_dossierevent IS
    'The log of a dossier is written once.';
