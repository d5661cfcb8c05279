-- The dates of a series are those of its sessions.

CREATE OR REPLACE FUNCTION forums_dates_of_sessions(activity bigint, OUT first timestamptz, OUT last timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(starts_at) FILTER (WHERE cancelled_at IS NULL), min(starts_at)),
           coalesce(max(ends_at) FILTER (WHERE cancelled_at IS NULL), max(ends_at))
    FROM forums_session WHERE forum_id = activity
$$;
COMMENT ON FUNCTION forums_dates_of_sessions(bigint) IS
    'When a series begins and ends: with its first and last session that is held; of all, when none is. NULL without sessions.';

CREATE OR REPLACE FUNCTION forums_follow_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    activity bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.forum_id ELSE NEW.forum_id END;
BEGIN
    UPDATE forums_forum SET starts_at = dates.first, ends_at = dates.last
    FROM forums_dates_of_sessions(activity) AS dates
    WHERE id = activity AND dates.first IS NOT NULL AND (starts_at, ends_at) <> (dates.first, dates.last);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION forums_follow_sessions() IS 'Gives an activity the dates of its sessions.';

CREATE OR REPLACE TRIGGER forums_session_dates_activity
AFTER INSERT OR DELETE OR UPDATE OF starts_at, ends_at, cancelled_at, forum_id ON forums_session
FOR EACH ROW EXECUTE FUNCTION forums_follow_sessions();
COMMENT ON TRIGGER forums_session_dates_activity ON forums_session IS
    'A series begins with its first session that is held, and ends with its last.';

CREATE OR REPLACE FUNCTION forums_keep_dates_of_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    dates record := forums_dates_of_sessions(NEW.id);
BEGIN
    IF dates.first IS NOT NULL THEN
        NEW.starts_at := dates.first;
        NEW.ends_at := dates.last;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION forums_keep_dates_of_sessions() IS 'The dates of a series are those of its sessions, whatever is written.';

CREATE OR REPLACE TRIGGER forums_forum_keeps_dates_of_sessions
BEFORE UPDATE OF starts_at, ends_at ON forums_forum
FOR EACH ROW EXECUTE FUNCTION forums_keep_dates_of_sessions();
COMMENT ON TRIGGER forums_forum_keeps_dates_of_sessions ON forums_forum IS
    'No date of a series differs from those of its sessions.';
