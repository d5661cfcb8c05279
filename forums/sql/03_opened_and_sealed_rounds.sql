-- A vote that was opened keeps its rules, its questions and its options; sealed or annulled, it never changes.

-- `forums.vote.rounds` may prolong, close, seal or annul it, tellers may give their part once, and nothing else.
CREATE OR REPLACE FUNCTION forums_protect_opened_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- All else is a rule: a new column is one until it is named here.
    may_change CONSTANT text[] := ARRAY['closes_at', 'closed_at', 'sealed_at', 'seal', 'annulled_at',
        'annulled_because', 'papers_lost', 'papers_lost_because', 'receipts_fingerprint', 'receipts_count',
        'tellers_part', 'tellers_dropped_because'];
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
    IF to_jsonb(NEW) - may_change <> to_jsonb(OLD) - may_change
       OR (OLD.closed_at IS NOT NULL
           AND (NEW.closed_at, NEW.closes_at, NEW.receipts_fingerprint, NEW.receipts_count)
               IS DISTINCT FROM (OLD.closed_at, OLD.closes_at, OLD.receipts_fingerprint, OLD.receipts_count))
       -- Two columns of which one is given, once.
       OR ((OLD.tellers_part, OLD.tellers_dropped_because) <> ('', '')
           AND (NEW.tellers_part, NEW.tellers_dropped_because)
               <> (OLD.tellers_part, OLD.tellers_dropped_because))
       OR (NEW.closed_at IS NULL AND NEW.closes_at < OLD.closes_at) THEN
        RAISE EXCEPTION 'a round that was opened keeps its rules' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION forums_protect_opened_round() IS
    'Refuses to delete a vote that was opened, to change its rules, to reopen or shorten it, and any change once it is sealed or annulled.';
CREATE OR REPLACE TRIGGER forums_protect_opened_round BEFORE UPDATE OR DELETE ON forums_round
    FOR EACH ROW EXECUTE FUNCTION forums_protect_opened_round();
COMMENT ON TRIGGER forums_protect_opened_round ON forums_round IS
    'A vote that was opened keeps its rules.';

-- Only the links to tracks and recommendations may be emptied.
CREATE OR REPLACE FUNCTION forums_protect_round_questions() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION forums_protect_round_questions() IS
    'Refuses to add, change or remove questions of a vote that was opened; a question may lose its track.';
CREATE OR REPLACE TRIGGER forums_protect_round_questions BEFORE INSERT OR UPDATE OR DELETE ON forums_question
    FOR EACH ROW EXECUTE FUNCTION forums_protect_round_questions();
COMMENT ON TRIGGER forums_protect_round_questions ON forums_question IS
    'A vote that was opened keeps its questions.';

-- An option's round is found by its keys: no plan may read every round for each option, whatever it was made on.
CREATE OR REPLACE FUNCTION forums_protect_round_options() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    question bigint;
    is_opened boolean;
BEGIN
    FOREACH question IN ARRAY ARRAY[COALESCE(NEW.question_id, OLD.question_id),
                                    COALESCE(OLD.question_id, NEW.question_id)] LOOP
        SELECT opened_at IS NOT NULL INTO is_opened FROM forums_round
        WHERE id = (SELECT round_id FROM forums_question WHERE id = question);
        IF is_opened AND NOT (TG_OP = 'UPDATE'
            AND (NEW.recommendation_id IS NULL OR NEW.recommendation_id IS NOT DISTINCT FROM OLD.recommendation_id)
            AND to_jsonb(NEW) - 'recommendation_id' = to_jsonb(OLD) - 'recommendation_id') THEN
            RAISE EXCEPTION 'the options of an opened round never change' USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN COALESCE(NEW, OLD);
END $$;
COMMENT ON FUNCTION forums_protect_round_options() IS
    'Refuses to add, change or remove options of a vote that was opened; an option may lose its recommendation.';
CREATE OR REPLACE TRIGGER forums_protect_round_options BEFORE INSERT OR UPDATE OR DELETE ON forums_option
    FOR EACH ROW EXECUTE FUNCTION forums_protect_round_options();
COMMENT ON TRIGGER forums_protect_round_options ON forums_option IS
    'A vote that was opened keeps its options.';
