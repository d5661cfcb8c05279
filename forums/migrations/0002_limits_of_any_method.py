"""The limits of a question become one column, whatever its method."""

from django.db import migrations, models
from django.db.models import Func, Q, Value

# ALTER TYPE … USING writes the rows without firing the triggers that keep opened rounds as they are.
MOVE = """
ALTER TABLE forums_question ALTER COLUMN limits TYPE jsonb USING jsonb_strip_nulls(
    jsonb_build_object('limit', "limit", 'points', points, 'points_each', points_each))
"""
MOVE_BACK = """
ALTER TABLE forums_question
    ALTER COLUMN "limit" TYPE smallint USING (limits ->> 'limit')::smallint,
    ALTER COLUMN points TYPE smallint USING (limits ->> 'points')::smallint,
    ALTER COLUMN points_each TYPE smallint USING (limits ->> 'points_each')::smallint
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("question", "question_limits_fit_its_method"),
        migrations.AlterField(
            "question", "method", models.CharField("method", max_length=10, default="approval")
        ),
        migrations.AddField("question", "limits", models.JSONField("limits", default=dict)),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RemoveField("question", "limit"),
        migrations.RemoveField("question", "points"),
        migrations.RemoveField("question", "points_each"),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(condition=Q(method__regex="^[a-z_]+$"), name="question_method_is_a_name"),
        ),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(
                condition=Q(
                    Func(
                        "limits",
                        Value(
                            'strict $ ? (@.type() == "object") ? (!exists(@.* ? (@.type() != "number" || @ < 1 || @ != @.floor())))'
                        ),
                        function="jsonb_path_exists",
                        output_field=models.BooleanField(),
                    )
                ),
                name="question_limits_are_numbers",
            ),
        ),
    ]
