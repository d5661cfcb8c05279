-- What happened to a recommendation stays as it was written; the person may be emptied, on erasure.

CREATE OR REPLACE FUNCTION forums_protect_recommendation_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.by_id IS NULL OR NEW.by_id IS NOT DISTINCT FROM OLD.by_id)
        AND (NEW.helper_id IS NULL OR NEW.helper_id IS NOT DISTINCT FROM OLD.helper_id)
        AND to_jsonb(NEW) - 'by_id' - 'helper_id' = to_jsonb(OLD) - 'by_id' - 'helper_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a recommendation is written once' USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION forums_protect_recommendation_history() IS
    'Refuses any change to what happened to a recommendation, but to forget the person who acted or helped.';
CREATE OR REPLACE TRIGGER forums_recommendationevent_once BEFORE UPDATE OR DELETE ON forums_recommendationevent
    FOR EACH ROW EXECUTE FUNCTION forums_protect_recommendation_history();
COMMENT ON TRIGGER forums_recommendationevent_once ON forums_recommendationevent IS
    'The history of a recommendation is written once.';

CREATE OR REPLACE FUNCTION forums_history_never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION forums_history_never_truncated() IS
    'Refuses to empty the history of recommendations.';
CREATE OR REPLACE TRIGGER forums_history_never_truncated BEFORE TRUNCATE ON forums_recommendationevent
    FOR EACH STATEMENT EXECUTE FUNCTION forums_history_never_truncated();
COMMENT ON TRIGGER forums_history_never_truncated ON forums_recommendationevent IS
    'The history of recommendations is never emptied.';
