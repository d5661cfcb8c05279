"""What the database itself refuses: to change a vote that is open, sealed or annulled, or its log."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change

# A round that was opened: `forums.rounds` may prolong, close, seal or annul it, and nothing else.
ROUND = """
CREATE FUNCTION forums_keep_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.opened_at IS NULL THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a round that was opened is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.sealed_at IS NOT NULL OR OLD.annulled_at IS NOT NULL THEN
        RAISE EXCEPTION 'a round that is sealed or annulled never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.forum_id, NEW.number, NEW.title, NEW.title_en, NEW.is_trial, NEW.public, NEW.reading,
        NEW.opens_at, NEW.drawn_at, NEW.opened_at, NEW.seed_hash)
       IS DISTINCT FROM
       (OLD.id, OLD.forum_id, OLD.number, OLD.title, OLD.title_en, OLD.is_trial, OLD.public, OLD.reading,
        OLD.opens_at, OLD.drawn_at, OLD.opened_at, OLD.seed_hash)
       OR (OLD.closed_at IS NOT NULL
           AND (NEW.closed_at, NEW.closes_at) IS DISTINCT FROM (OLD.closed_at, OLD.closes_at))
       OR (NEW.closed_at IS NULL AND NEW.closes_at < OLD.closes_at) THEN
        RAISE EXCEPTION 'a round that was opened keeps its rules' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forums_keep_round BEFORE UPDATE OR DELETE ON forums_round
    FOR EACH ROW EXECUTE FUNCTION forums_keep_round();
"""

# Questions and options of an opened round: only their links to tracks and recommendations may be emptied.
QUESTION = """
CREATE FUNCTION forums_keep_question() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_opened boolean;
BEGIN
    SELECT bool_or(opened_at IS NOT NULL) INTO is_opened FROM forums_round
    WHERE id IN (COALESCE(NEW.round_id, OLD.round_id), COALESCE(OLD.round_id, NEW.round_id));
    IF is_opened AND NOT (TG_OP = 'UPDATE'
        AND (NEW.track_id IS NULL OR NEW.track_id IS NOT DISTINCT FROM OLD.track_id)
        AND to_jsonb(NEW) - 'track_id' = to_jsonb(OLD) - 'track_id') THEN
        RAISE EXCEPTION 'the questions of an opened round never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER forums_keep_question BEFORE INSERT OR UPDATE OR DELETE ON forums_question
    FOR EACH ROW EXECUTE FUNCTION forums_keep_question();

CREATE FUNCTION forums_keep_option() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_opened boolean;
BEGIN
    SELECT bool_or(opened_at IS NOT NULL) INTO is_opened
    FROM forums_round JOIN forums_question ON forums_question.round_id = forums_round.id
    WHERE forums_question.id IN (COALESCE(NEW.question_id, OLD.question_id), COALESCE(OLD.question_id, NEW.question_id));
    IF is_opened AND NOT (TG_OP = 'UPDATE'
        AND (NEW.recommendation_id IS NULL OR NEW.recommendation_id IS NOT DISTINCT FROM OLD.recommendation_id)
        AND to_jsonb(NEW) - 'recommendation_id' = to_jsonb(OLD) - 'recommendation_id') THEN
        RAISE EXCEPTION 'the options of an opened round never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER forums_keep_option BEFORE INSERT OR UPDATE OR DELETE ON forums_option
    FOR EACH ROW EXECUTE FUNCTION forums_keep_option();
"""

# A log and a box are written once. The person who acted may be erased from the log.
ONCE = """
CREATE FUNCTION forums_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ? 'by_id' AND to_jsonb(NEW)->>'by_id' IS NULL
        AND to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER forums_roundevent_once BEFORE UPDATE OR DELETE ON forums_roundevent
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
CREATE TRIGGER forums_sealedbox_once BEFORE UPDATE OR DELETE ON forums_sealedbox
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
"""

# Ballots enter an open round alone. Casting checks it under its lock; this is for whoever does not.
BALLOT = """
CREATE FUNCTION forums_ballot_needs_open_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM forums_round
    WHERE id = NEW.round_id AND opened_at IS NOT NULL AND closed_at IS NULL AND annulled_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a ballot needs an open round' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forums_ballot_needs_open_round BEFORE INSERT OR UPDATE ON forums_ballot
    FOR EACH ROW EXECUTE FUNCTION forums_ballot_needs_open_round();
"""

TABLES_NEVER_TRUNCATED = ("round", "question", "option", "roundevent", "sealedbox", "ballot", "rollentry")
TRUNCATE = """
CREATE FUNCTION forums_never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "\n".join(
    f"CREATE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();"
    for table in TABLES_NEVER_TRUNCATED
)

UNDO = """
DROP FUNCTION forums_keep_round() CASCADE;
DROP FUNCTION forums_keep_question() CASCADE;
DROP FUNCTION forums_keep_option() CASCADE;
DROP FUNCTION forums_written_once() CASCADE;
DROP FUNCTION forums_ballot_needs_open_round() CASCADE;
DROP FUNCTION forums_never_truncated() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0005_round")]
    operations = [
        migrations.RunSQL(ROUND + QUESTION + ONCE + BALLOT + TRUNCATE, UNDO),
        raise_version_on_change("forums", "forums_round"),
        raise_version_on_change("forums", "forums_recommendation"),
        raise_version_on_change("forums", "forums_sealedbox"),
    ]
