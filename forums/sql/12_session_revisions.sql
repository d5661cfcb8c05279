-- What a calendar that holds a session must know: which of two descriptions of it is the later one.

CREATE OR REPLACE FUNCTION forums_revise_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.title, NEW.title_en, NEW.starts_at, NEW.ends_at, NEW.venue, NEW.cancelled_at)
        IS DISTINCT FROM (OLD.title, OLD.title_en, OLD.starts_at, OLD.ends_at, OLD.venue, OLD.cancelled_at) THEN
        NEW.revision = OLD.revision + 1;
        NEW.changed_at = now();
    ELSE
        -- Whoever read the row before a change of it, and saves it after, takes nothing back.
        NEW.revision = OLD.revision;
        NEW.changed_at = OLD.changed_at;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION forums_revise_session() IS
    'Counts the changes of a session that a calendar shows, whoever writes them: iCalendar’s SEQUENCE never goes back.';
CREATE OR REPLACE TRIGGER forums_session_revised BEFORE UPDATE ON forums_session
    FOR EACH ROW EXECUTE FUNCTION forums_revise_session();
COMMENT ON TRIGGER forums_session_revised ON forums_session IS
    'A calendar takes a description of a session for the later one by its number.';
