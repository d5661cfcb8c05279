-- The secret of a vote is drawn where it stays: no program, statement or log of statements ever holds it.

-- Each identifier brings 122 random bits.
CREATE OR REPLACE FUNCTION forums_random() RETURNS bytea VOLATILE LANGUAGE sql
RETURN sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
COMMENT ON FUNCTION forums_random() IS
    'Draws 32 bytes that nobody can guess.';

-- Stores the two blocks that HMAC makes of its secret (RFC 2104), and gives the hash of the seed, as forums.tally.ties.
CREATE OR REPLACE FUNCTION forums_draw_secret(p_round_id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    secret bytea := forums_random() || decode(repeat('00', 32), 'hex');
    inner_block bytea := secret;
    outer_block bytea := secret;
    seed bytea := forums_random();
BEGIN
    FOR position IN 0..63 LOOP
        inner_block := set_byte(inner_block, position, get_byte(secret, position) # 54);
        outer_block := set_byte(outer_block, position, get_byte(secret, position) # 92);
    END LOOP;
    INSERT INTO forums_roundsecret (round_id, inner_block, outer_block, seed)
    VALUES (p_round_id, inner_block, outer_block, seed);
    RETURN encode(sha256(convert_to(encode(seed, 'hex'), 'UTF8')), 'hex');
END $$;
COMMENT ON FUNCTION forums_draw_secret(bigint) IS
    'Draws and stores the secret and the seed of a vote; gives the hash of the seed, which is published.';
