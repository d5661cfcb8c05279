"""An option's round is found by its keys: no plan may read every round for each option, whatever it was made on."""

from django.db import migrations

KEEP = """
CREATE OR REPLACE FUNCTION forums_keep_option() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0010_cast")]

    # Undone, the function of 0006 would forbid the same things: it needs no way back.
    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
