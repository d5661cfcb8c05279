-- Ballots enter an open vote alone. Casting checks it under its lock; this is for whoever does not.

CREATE OR REPLACE FUNCTION forums_ballot_needs_open_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM forums_round
    WHERE id = NEW.round_id AND opened_at IS NOT NULL AND closed_at IS NULL AND annulled_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a ballot needs an open round' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION forums_ballot_needs_open_round() IS
    'Refuses a ballot, new or changed, of a vote that is not open.';
CREATE OR REPLACE TRIGGER forums_ballot_needs_open_round BEFORE INSERT OR UPDATE ON forums_ballot
    FOR EACH ROW EXECUTE FUNCTION forums_ballot_needs_open_round();
COMMENT ON TRIGGER forums_ballot_needs_open_round ON forums_ballot IS
    'Ballots enter an open vote alone.';
