"""Once written, the secret of a round stays in the database, which makes the key of a voter and the receipt itself.

Both are HMAC-SHA256 (RFC 2104). PostgreSQL has the hash alone, so the two blocks that HMAC makes of its
secret are kept instead of it: they are made once, at the opening.
"""

from importlib import import_module

from django.db import migrations, models

BLOCK_BYTES, SECRET_BYTES, INNER_PAD, OUTER_PAD = 64, 32, 0x36, 0x5C

KEYED = """
CREATE FUNCTION forums_hmac(inner_block bytea, outer_block bytea, message bytea) RETURNS bytea
IMMUTABLE LANGUAGE sql RETURN sha256(outer_block || sha256(inner_block || message));

CREATE FUNCTION forums_voter_key(secret forums_roundsecret, the_entry bigint) RETURNS bytea
IMMUTABLE LANGUAGE sql
RETURN forums_hmac(secret.inner_block, secret.outer_block, convert_to('voter:' || the_entry, 'UTF8'));

-- The first 80 bits in Crockford's base 32, as forums.codes reads it.
CREATE FUNCTION forums_receipt(secret forums_roundsecret, the_voter_key bytea, the_key text) RETURNS text
IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    digest bytea := forums_hmac(secret.inner_block, secret.outer_block,
        'receipt:'::bytea || the_voter_key || convert_to(the_key, 'UTF8'));
    bits bit(80) := ('x' || encode(substr(digest, 1, 10), 'hex'))::bit(80);
    receipt text := '';
BEGIN
    FOR place IN 1..80 BY 5 LOOP
        receipt := receipt
            || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits FROM place FOR 5)::int, 1);
    END LOOP;
    RETURN receipt;
END $$;
"""

DROP_KEYED = """
DROP FUNCTION forums_receipt(forums_roundsecret, bytea, text);
DROP FUNCTION forums_voter_key(forums_roundsecret, bigint);
DROP FUNCTION forums_hmac(bytea, bytea, bytea);
"""

CAST = """
CREATE FUNCTION forums_cast(
    the_round bigint, the_entry bigint, the_choices jsonb, the_key text, the_proof text, has_account boolean,
    OUT outcome text, OUT is_change boolean, OUT receipt text
) LANGUAGE plpgsql AS $$
DECLARE
    secret forums_roundsecret%ROWTYPE;
    entry forums_rollentry%ROWTYPE;
    former forums_ballot%ROWTYPE;
    the_voter_key bytea;
    the_receipt_hash text;
    key_hash text := encode(sha256(convert_to(the_key, 'UTF8')), 'hex');
BEGIN
    is_change := false;
    -- forums.locks, shared.
    PERFORM pg_advisory_xact_lock_shared(1987015781, the_round::int);
    SELECT kept.* INTO secret FROM forums_round JOIN forums_roundsecret kept ON kept.round_id = id
    WHERE id = the_round AND opened_at IS NOT NULL AND closed_at IS NULL AND annulled_at IS NULL
        AND clock_timestamp() < closes_at;
    IF NOT FOUND THEN
        outcome := 'not_open';
        RETURN;
    END IF;
    -- By its key alone: a plan made while the tables were small must stay good when they are not.
    SELECT * INTO entry FROM forums_rollentry WHERE id = the_entry FOR UPDATE;
    IF NOT FOUND OR entry.round_id <> the_round OR entry.voided_at IS NOT NULL THEN
        outcome := 'not_on_roll';
        RETURN;
    END IF;
    IF entry.is_on_paper THEN
        outcome := 'on_paper';
        RETURN;
    END IF;
    the_voter_key := forums_voter_key(secret, the_entry);
    receipt := forums_receipt(secret, the_voter_key, the_key);
    the_receipt_hash := encode(sha256(convert_to(receipt, 'UTF8')), 'hex');
    INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, used_keys)
    VALUES (gen_random_uuid(), the_round, the_voter_key, the_choices, false, the_receipt_hash, ARRAY[key_hash])
    ON CONFLICT (round_id, voter_key) DO NOTHING;
    IF FOUND THEN
        outcome := 'kept';
        RETURN;
    END IF;
    -- Most people vote once: what was cast before is read only when there is something to read.
    SELECT * INTO STRICT former FROM forums_ballot WHERE round_id = the_round AND voter_key = the_voter_key;
    IF key_hash = ANY (former.used_keys) THEN
        is_change := cardinality(former.used_keys) > 1;
        outcome := CASE
            WHEN key_hash = former.used_keys[cardinality(former.used_keys)]
                AND NOT former.is_withdrawn AND former.choices = the_choices
            THEN 'kept' ELSE 'stale' END;
        RETURN;
    END IF;
    is_change := NOT former.is_withdrawn;
    IF is_change AND NOT has_account AND the_proof <> former.receipt_hash THEN
        outcome := 'receipt_needed';
        RETURN;
    END IF;
    UPDATE forums_ballot
    SET choices = the_choices, is_withdrawn = false, receipt_hash = the_receipt_hash,
        used_keys = former.used_keys || key_hash
    WHERE id = former.id;
    outcome := 'kept';
END $$;
"""


CAST_BEFORE = import_module("forums.migrations.0010_cast").CAST
DROP_CAST_BEFORE = "DROP FUNCTION forums_cast(bigint, bigint, bytea, jsonb, text, text, text, boolean)"
DROP_CAST = "DROP FUNCTION forums_cast(bigint, bigint, jsonb, text, text, boolean)"


def _padded(secret, pad):
    return bytes(byte ^ pad for byte in bytes(secret).ljust(BLOCK_BYTES, b"\0"))


def keep_blocks(apps, schema_editor):
    """A demonstration may be upgraded while one of its rounds is open."""
    for row in apps.get_model("forums", "RoundSecret").objects.all():
        row.inner_block, row.outer_block = _padded(row.secret, INNER_PAD), _padded(row.secret, OUTER_PAD)
        row.save(update_fields=["inner_block", "outer_block"])


def keep_secrets(apps, schema_editor):
    for row in apps.get_model("forums", "RoundSecret").objects.all():
        row.secret = bytes(byte ^ INNER_PAD for byte in bytes(row.inner_block)[:SECRET_BYTES])
        row.save(update_fields=["secret"])


class Migration(migrations.Migration):
    dependencies = [("forums", "0011_keep_option")]

    operations = [
        migrations.RunSQL(DROP_CAST_BEFORE, CAST_BEFORE),
        migrations.AddField(
            "roundsecret", "inner_block", models.BinaryField(max_length=BLOCK_BYTES, default=b"")
        ),
        migrations.AddField(
            "roundsecret", "outer_block", models.BinaryField(max_length=BLOCK_BYTES, default=b"")
        ),
        migrations.AlterField(
            "roundsecret", "secret", models.BinaryField(max_length=SECRET_BYTES, default=b"")
        ),
        migrations.RunPython(keep_blocks, keep_secrets),
        migrations.RemoveField("roundsecret", "secret"),
        migrations.AlterField("roundsecret", "inner_block", models.BinaryField(max_length=BLOCK_BYTES)),
        migrations.AlterField("roundsecret", "outer_block", models.BinaryField(max_length=BLOCK_BYTES)),
        migrations.RunSQL(KEYED, DROP_KEYED),
        migrations.RunSQL(CAST, DROP_CAST),
    ]
