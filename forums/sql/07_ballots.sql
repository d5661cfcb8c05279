-- Ballots: the key of a voter and the receipt; the rule that a ballot enters only an open vote; casting.

-- The key of a voter and the receipt are made in the database, which alone holds the secret of a vote.
-- Both are HMAC-SHA256 (RFC 2104). PostgreSQL has the hash alone, so the two blocks that HMAC makes of its secret are
-- stored instead of it: they are made once, at the opening. Each message begins by a second secret, the key of the round,
-- which the database is given with each call and never keeps (forums.vote.round_keys): a copy of the database alone, by
-- replication or in an archive of its log, makes neither.

DROP FUNCTION IF EXISTS forums_cast(bigint, bigint, jsonb, text, text, boolean);
DROP FUNCTION IF EXISTS forums_voter_key(forums_roundsecret, bigint);
DROP FUNCTION IF EXISTS forums_lock_voters(bigint, bigint[]);
DROP FUNCTION IF EXISTS forums_receipt(forums_roundsecret, bytea, text);

CREATE OR REPLACE FUNCTION forums_hmac(inner_block bytea, outer_block bytea, message bytea) RETURNS bytea
IMMUTABLE LANGUAGE sql RETURN sha256(outer_block || sha256(inner_block || message));
COMMENT ON FUNCTION forums_hmac(bytea, bytea, bytea) IS
    'HMAC-SHA256 of a message, by the two blocks made of its secret.';

CREATE OR REPLACE FUNCTION forums_voter_key(secret forums_roundsecret, p_round_key bytea, p_entry_id bigint) RETURNS bytea
IMMUTABLE LANGUAGE sql
RETURN forums_hmac(secret.inner_block, secret.outer_block, p_round_key || convert_to('voter:' || p_entry_id, 'UTF8'));
COMMENT ON FUNCTION forums_voter_key(forums_roundsecret, bytea, bigint) IS
    'The key under which the ballot of an entry of the roll is stored: without both secrets, nobody can tell whose it is.';

CREATE OR REPLACE FUNCTION forums_find_ballot(p_round_id bigint, p_round_key bytea, p_entry_id bigint) RETURNS uuid
STABLE LANGUAGE sql
RETURN (
    SELECT ballot.id FROM forums_roundsecret secret JOIN forums_ballot ballot USING (round_id)
    WHERE round_id = p_round_id AND voter_key = forums_voter_key(secret, p_round_key, p_entry_id)
);
COMMENT ON FUNCTION forums_find_ballot(bigint, bytea, bigint) IS
    'The ballot of an entry of the roll, withdrawn or not; none once the secret is destroyed.';

-- Not a lock of the entry's row, which would write there the number of the transaction that writes the ballot; nor by the
-- id of the entry, which pg_locks would show beside that number.
CREATE OR REPLACE FUNCTION forums_voter_lock(voter_key bytea) RETURNS bigint
IMMUTABLE LANGUAGE sql RETURN ('x' || encode(substr(voter_key, 1, 8), 'hex'))::bit(64)::bigint;
COMMENT ON FUNCTION forums_voter_lock(bytea) IS
    'The key of the advisory lock of a voter: the first 8 bytes of the key of their ballot.';

-- forums.vote.locks: in the order of their keys, so that two who want several never wait for each other.
CREATE OR REPLACE FUNCTION forums_lock_voters(p_round_id bigint, p_round_key bytea, p_entry_ids bigint[]) RETURNS void
VOLATILE LANGUAGE plpgsql AS $$
DECLARE
    lock_key bigint;
BEGIN
    FOR lock_key IN
        SELECT forums_voter_lock(forums_voter_key(secret, p_round_key, entry_id))
        FROM forums_roundsecret secret, unnest(p_entry_ids) entry_id WHERE round_id = p_round_id ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(lock_key);
    END LOOP;
END $$;
COMMENT ON FUNCTION forums_lock_voters(bigint, bytea, bigint[]) IS
    'Takes the lock of each of these entries of the roll until the transaction ends.';

-- The first 80 bits in Crockford's base 32, as forums.vote.codes reads it.
CREATE OR REPLACE FUNCTION forums_receipt(
    secret forums_roundsecret, p_round_key bytea, p_voter_key bytea, p_idempotency_key text
) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    digest bytea := forums_hmac(secret.inner_block, secret.outer_block,
        p_round_key || 'receipt:'::bytea || p_voter_key || convert_to(p_idempotency_key, 'UTF8'));
    bits bit(80) := ('x' || encode(substr(digest, 1, 10), 'hex'))::bit(80);
    receipt text := '';
BEGIN
    FOR position IN 1..80 BY 5 LOOP
        receipt := receipt
            || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits FROM position FOR 5)::int, 1);
    END LOOP;
    RETURN receipt;
END $$;
COMMENT ON FUNCTION forums_receipt(forums_roundsecret, bytea, bytea, text) IS
    'The receipt of a ballot: sixteen characters that the voter alone is given.';

-- As forums.models.round says it, by the database's clock.
CREATE OR REPLACE FUNCTION forums_is_running(round forums_round) RETURNS boolean
IMMUTABLE LANGUAGE sql
RETURN round.opened_at IS NOT NULL AND round.closed_at IS NULL AND round.annulled_at IS NULL;
COMMENT ON FUNCTION forums_is_running(forums_round) IS
    'Whether a vote was opened and has not ended, whatever the hour.';

CREATE OR REPLACE FUNCTION forums_is_open(round forums_round) RETURNS boolean
VOLATILE LANGUAGE sql
RETURN forums_is_running(round) AND clock_timestamp() < round.closes_at;
COMMENT ON FUNCTION forums_is_open(forums_round) IS
    'Whether a vote takes ballots now; it stays true only under the lock of the vote.';

-- A ballot enters only an open vote. Casting checks it, and the hour, under its lock; this is for whoever does not.

CREATE OR REPLACE FUNCTION forums_ballot_needs_open_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM forums_round WHERE id = NEW.round_id AND forums_is_running(forums_round);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a ballot needs an open round' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION forums_ballot_needs_open_round() IS
    'Refuses a ballot, new or changed, of a vote that is not open; casting also checks the hour.';
CREATE OR REPLACE TRIGGER forums_ballot_needs_open_round BEFORE INSERT OR UPDATE ON forums_ballot
    FOR EACH ROW EXECUTE FUNCTION forums_ballot_needs_open_round();
COMMENT ON TRIGGER forums_ballot_needs_open_round ON forums_ballot IS
    'A ballot enters only an open vote.';

CREATE OR REPLACE FUNCTION forums_outcome_of_known_key(ballot forums_ballot, key_hash text, p_choices jsonb) RETURNS text
IMMUTABLE LANGUAGE sql
RETURN CASE
    WHEN key_hash = ballot.idempotency_key_hashes[cardinality(ballot.idempotency_key_hashes)]
        AND NOT ballot.is_withdrawn AND ballot.choices = p_choices
    THEN 'cast' ELSE 'stale' END;
COMMENT ON FUNCTION forums_outcome_of_known_key(forums_ballot, text, jsonb) IS
    'Whether a repeated request is the one whose ballot is in the box, or one that was replaced, withdrawn or altered.';

-- Casting a ballot is one statement, a transaction by itself: `forums.vote.casting.cast_ballot` asks for it.
-- Within, each statement sees what was committed before it began: the round's state is read under the lock.

CREATE OR REPLACE FUNCTION forums_cast(
    p_round_id bigint, p_round_key bytea, p_entry_id bigint, p_choices jsonb, p_idempotency_key text,
    p_shown_receipt_hash text, p_has_account boolean,
    OUT outcome text, OUT is_change boolean, OUT receipt text
) LANGUAGE plpgsql SET lock_timeout = 0 AS $$ -- whoever votes waits for a closing, and is answered by it
DECLARE
    secret forums_roundsecret%ROWTYPE;
    entry forums_rollentry%ROWTYPE;
    former forums_ballot%ROWTYPE;
    v_voter_key bytea;
    v_receipt_hash text;
    key_hash text := encode(sha256(convert_to(p_idempotency_key, 'UTF8')), 'hex');
BEGIN
    is_change := false;
    -- forums.vote.locks, shared.
    PERFORM pg_advisory_xact_lock_shared(1987015781, p_round_id::int);
    SELECT round_secret.* INTO secret FROM forums_round JOIN forums_roundsecret round_secret ON round_secret.round_id = id
    WHERE id = p_round_id AND forums_is_open(forums_round)
        AND forums_round.key_hash = encode(sha256(p_round_key), 'hex');
    IF NOT FOUND THEN
        outcome := 'not_open';
        -- Until the sealing, whoever was not answered in time is still told what became of their request.
        SELECT ballot.* INTO former FROM forums_roundsecret round_secret JOIN forums_ballot ballot USING (round_id)
        WHERE round_id = p_round_id AND voter_key = forums_voter_key(round_secret, p_round_key, p_entry_id)
            AND key_hash = ANY (idempotency_key_hashes);
        IF FOUND THEN
            SELECT round_secret.* INTO STRICT secret FROM forums_roundsecret round_secret WHERE round_id = p_round_id;
            receipt := forums_receipt(secret, p_round_key, former.voter_key, p_idempotency_key);
            is_change := cardinality(former.idempotency_key_hashes) > 1;
            outcome := forums_outcome_of_known_key(former, key_hash, p_choices);
            RETURN;
        END IF;
        -- Under another key the ballot of a voter is not found: they would vote twice.
        PERFORM FROM forums_roundsecret JOIN forums_round ON id = round_id
        WHERE round_id = p_round_id AND forums_is_open(forums_round);
        IF FOUND THEN
            outcome := 'suspended';
        END IF;
        RETURN;
    END IF;
    v_voter_key := forums_voter_key(secret, p_round_key, p_entry_id);
    PERFORM pg_advisory_xact_lock(forums_voter_lock(v_voter_key));
    -- By its key alone: a plan made while the tables were small must stay good when they are not.
    SELECT * INTO entry FROM forums_rollentry WHERE id = p_entry_id;
    IF NOT FOUND OR entry.round_id <> p_round_id OR entry.voided_at IS NOT NULL THEN
        outcome := 'not_on_roll';
        RETURN;
    END IF;
    IF entry.is_on_paper THEN
        outcome := 'on_paper';
        RETURN;
    END IF;
    receipt := forums_receipt(secret, p_round_key, v_voter_key, p_idempotency_key);
    v_receipt_hash := encode(sha256(convert_to(receipt, 'UTF8')), 'hex');
    INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, idempotency_key_hashes)
    VALUES (gen_random_uuid(), p_round_id, v_voter_key, p_choices, false, v_receipt_hash, ARRAY[key_hash])
    ON CONFLICT (round_id, voter_key) DO NOTHING;
    IF FOUND THEN
        outcome := 'cast';
        RETURN;
    END IF;
    -- Most people vote once: what was cast before is read only when there is something to read.
    SELECT * INTO STRICT former FROM forums_ballot WHERE round_id = p_round_id AND voter_key = v_voter_key;
    IF key_hash = ANY (former.idempotency_key_hashes) THEN
        is_change := cardinality(former.idempotency_key_hashes) > 1;
        outcome := forums_outcome_of_known_key(former, key_hash, p_choices);
        RETURN;
    END IF;
    is_change := NOT former.is_withdrawn;
    IF is_change AND NOT p_has_account AND p_shown_receipt_hash <> former.receipt_hash THEN
        outcome := 'receipt_needed';
        RETURN;
    END IF;
    UPDATE forums_ballot
    SET choices = p_choices, is_withdrawn = false, receipt_hash = v_receipt_hash,
        idempotency_key_hashes = former.idempotency_key_hashes || key_hash
    WHERE id = former.id;
    outcome := 'cast';
END $$;
COMMENT ON FUNCTION forums_cast(bigint, bytea, bigint, jsonb, text, text, boolean) IS
    'Casts a ballot in one statement: checks that the vote is open and that the person is on its roll, and gives the outcome and the receipt.';

-- The rows are all taken out, then sorted, before the first is put back. forums.vote.shuffling says why.
CREATE OR REPLACE FUNCTION forums_shuffle_ballots(p_round_id bigint) RETURNS void LANGUAGE sql AS $$
    WITH taken AS (DELETE FROM forums_ballot WHERE round_id = p_round_id RETURNING *)
    INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, idempotency_key_hashes)
    SELECT id, round_id, voter_key, choices, is_withdrawn, receipt_hash, idempotency_key_hashes
    FROM taken ORDER BY gen_random_uuid()
$$;
COMMENT ON FUNCTION forums_shuffle_ballots(bigint) IS
    'Writes the ballots of a vote anew, in an order drawn by lot: neither their place nor their transaction says when each came.';
