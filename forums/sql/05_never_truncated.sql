-- TRUNCATE runs no trigger of rows: it is refused by itself.

CREATE OR REPLACE FUNCTION forums_never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION forums_never_truncated() IS
    'Refuses to empty the table.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_round
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_round IS
    'Votes are never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_question
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_question IS
    'The questions of votes are never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_option
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_option IS
    'The options of votes are never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_roundevent
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_roundevent IS
    'The log of votes is never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_sealedbox
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_sealedbox IS
    'Sealed boxes are never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_ballot
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_ballot IS
    'Ballots are never emptied.';

CREATE OR REPLACE TRIGGER forums_never_truncated BEFORE TRUNCATE ON forums_rollentry
    FOR EACH STATEMENT EXECUTE FUNCTION forums_never_truncated();
COMMENT ON TRIGGER forums_never_truncated ON forums_rollentry IS
    'The rolls of votes are never emptied.';
