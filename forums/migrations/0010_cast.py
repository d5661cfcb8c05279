"""Keeping a ballot is one statement, a transaction by itself: `forums.voting.cast_ballot` asks for it.

Within, each statement sees what was committed before it began: the round's state is read under the lock.
"""

import django.db.models.deletion
from django.db import migrations, models

CAST = """
CREATE FUNCTION forums_cast(
    the_round bigint, the_entry bigint, the_voter_key bytea, the_choices jsonb, the_receipt_hash text, the_key text,
    the_proof text, has_account boolean, OUT outcome text, OUT is_change boolean
) LANGUAGE plpgsql AS $$
DECLARE
    entry forums_rollentry%ROWTYPE;
    former forums_ballot%ROWTYPE;
BEGIN
    is_change := false;
    -- forums.locks, shared.
    PERFORM pg_advisory_xact_lock_shared(1987015781, the_round::int);
    PERFORM FROM forums_round
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
    INSERT INTO forums_ballot (id, round_id, voter_key, choices, is_withdrawn, receipt_hash, used_keys)
    VALUES (gen_random_uuid(), the_round, the_voter_key, the_choices, false, the_receipt_hash, ARRAY[the_key])
    ON CONFLICT (round_id, voter_key) DO NOTHING;
    IF FOUND THEN
        outcome := 'kept';
        RETURN;
    END IF;
    -- Most people vote once: what was cast before is read only when there is something to read.
    SELECT * INTO STRICT former FROM forums_ballot WHERE round_id = the_round AND voter_key = the_voter_key;
    IF the_key = ANY (former.used_keys) THEN
        is_change := cardinality(former.used_keys) > 1;
        outcome := CASE
            WHEN the_key = former.used_keys[cardinality(former.used_keys)]
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
        used_keys = former.used_keys || the_key
    WHERE id = former.id;
    outcome := 'kept';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0009_results_and_dossier")]

    operations = [
        # The unique index begins with the round: another one by round alone only slows each ballot down.
        migrations.AlterField(
            model_name="ballot",
            name="round",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="forums.round",
            ),
        ),
        migrations.RunSQL(
            CAST, "DROP FUNCTION forums_cast(bigint, bigint, bytea, jsonb, text, text, text, boolean)"
        ),
    ]
