"""The secret of a round is drawn where it stays: no program, statement or log of statements ever holds it."""

from django.db import migrations

DRAW = """
-- Each identifier brings 122 random bits.
CREATE FUNCTION forums_random() RETURNS bytea VOLATILE LANGUAGE sql
RETURN sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- Keeps the two blocks that HMAC makes of its secret (RFC 2104), and gives the hash of the seed, as forums.tally.ties.
CREATE FUNCTION forums_draw_secret(the_round bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    secret bytea := forums_random() || decode(repeat('00', 32), 'hex');
    inner_block bytea := secret;
    outer_block bytea := secret;
    seed bytea := forums_random();
BEGIN
    FOR place IN 0..63 LOOP
        inner_block := set_byte(inner_block, place, get_byte(secret, place) # 54);
        outer_block := set_byte(outer_block, place, get_byte(secret, place) # 92);
    END LOOP;
    INSERT INTO forums_roundsecret (round_id, inner_block, outer_block, seed)
    VALUES (the_round, inner_block, outer_block, seed);
    RETURN encode(sha256(convert_to(encode(seed, 'hex'), 'UTF8')), 'hex');
END $$;
"""

DROP = """
DROP FUNCTION forums_draw_secret(bigint);
DROP FUNCTION forums_random();
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0013_paper_noted")]

    operations = [migrations.RunSQL(DRAW, DROP)]
