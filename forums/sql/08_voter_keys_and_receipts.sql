-- The key of a voter and the receipt are made in the database, which alone holds the secret of a vote.
-- Both are HMAC-SHA256 (RFC 2104). PostgreSQL has the hash alone, so the two blocks that HMAC makes of its secret are
-- stored instead of it: they are made once, at the opening.

CREATE OR REPLACE FUNCTION forums_hmac(inner_block bytea, outer_block bytea, message bytea) RETURNS bytea
IMMUTABLE LANGUAGE sql RETURN sha256(outer_block || sha256(inner_block || message));
COMMENT ON FUNCTION forums_hmac(bytea, bytea, bytea) IS
    'HMAC-SHA256 of a message, by the two blocks made of its secret.';

CREATE OR REPLACE FUNCTION forums_voter_key(secret forums_roundsecret, p_entry_id bigint) RETURNS bytea
IMMUTABLE LANGUAGE sql
RETURN forums_hmac(secret.inner_block, secret.outer_block, convert_to('voter:' || p_entry_id, 'UTF8'));
COMMENT ON FUNCTION forums_voter_key(forums_roundsecret, bigint) IS
    'The key under which the ballot of an entry of the roll is stored: without the secret, nobody can tell whose it is.';

-- The first 80 bits in Crockford's base 32, as forums.vote.codes reads it.
CREATE OR REPLACE FUNCTION forums_receipt(secret forums_roundsecret, p_voter_key bytea, p_idempotency_key text) RETURNS text
IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    digest bytea := forums_hmac(secret.inner_block, secret.outer_block,
        'receipt:'::bytea || p_voter_key || convert_to(p_idempotency_key, 'UTF8'));
    bits bit(80) := ('x' || encode(substr(digest, 1, 10), 'hex'))::bit(80);
    receipt text := '';
BEGIN
    FOR position IN 1..80 BY 5 LOOP
        receipt := receipt
            || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits FROM position FOR 5)::int, 1);
    END LOOP;
    RETURN receipt;
END $$;
COMMENT ON FUNCTION forums_receipt(forums_roundsecret, bytea, text) IS
    'The receipt of a ballot: sixteen characters that the voter alone is given.';
