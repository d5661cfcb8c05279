"""What people propose, and a history that is written once."""

import uuid

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What happened to a recommendation stays as it was written; the person may be emptied, on erasure.
HISTORY = """
CREATE FUNCTION forums_keep_recommendation_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.by_id IS NULL OR NEW.by_id IS NOT DISTINCT FROM OLD.by_id)
        AND (NEW.helper_id IS NULL OR NEW.helper_id IS NOT DISTINCT FROM OLD.helper_id)
        AND to_jsonb(NEW) - 'by_id' - 'helper_id' = to_jsonb(OLD) - 'by_id' - 'helper_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a recommendation is written once' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER forums_recommendationevent_once BEFORE UPDATE OR DELETE ON forums_recommendationevent
    FOR EACH ROW EXECUTE FUNCTION forums_keep_recommendation_history();

CREATE FUNCTION forums_history_never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER forums_history_never_truncated BEFORE TRUNCATE ON forums_recommendationevent
    FOR EACH STATEMENT EXECUTE FUNCTION forums_history_never_truncated();
"""
UNDO = """
DROP FUNCTION forums_keep_recommendation_history() CASCADE;
DROP FUNCTION forums_history_never_truncated() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("comments", "0002_content_versions"),
        ("forums", "0003_registration"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recommendations",
                        to="forums.forum",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forums.track",
                        verbose_name="track",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("issue", "Issue"), ("opportunity", "Opportunity")],
                        default="opportunity",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("title_en", models.CharField(blank=True, max_length=160, verbose_name="title in English")),
                ("description", models.TextField(blank=True, max_length=2000, verbose_name="description")),
                (
                    "description_en",
                    models.TextField(blank=True, max_length=2000, verbose_name="description in English"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="recommendations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author_name",
                    models.CharField(blank=True, max_length=140, verbose_name="author, as shown"),
                ),
                ("is_person_named", models.BooleanField(default=False)),
                (
                    "table_number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="table"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Awaiting review"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("merged", "Merged"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("refusal_reason", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                (
                    "survivor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sources",
                        to="forums.recommendation",
                        verbose_name="merged into",
                    ),
                ),
                ("is_on_ballot", models.BooleanField(default=False, verbose_name="on the ballot")),
                ("is_hidden", models.BooleanField(default=False, verbose_name="hidden")),
                (
                    "thread",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recommendation",
                        to="comments.thread",
                    ),
                ),
                ("submission", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "document",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.CombinedSearchVector(
                                django.contrib.postgres.search.SearchVector(
                                    "title", config="pole_french", weight="A"
                                ),
                                "||",
                                django.contrib.postgres.search.SearchVector(
                                    "description", config="pole_french", weight="B"
                                ),
                                django.contrib.postgres.search.SearchConfig("pole_french"),
                            ),
                            "||",
                            django.contrib.postgres.search.CombinedSearchVector(
                                django.contrib.postgres.search.SearchVector(
                                    "title_en", config="pole_english", weight="A"
                                ),
                                "||",
                                django.contrib.postgres.search.SearchVector(
                                    "description_en", config="pole_english", weight="B"
                                ),
                                django.contrib.postgres.search.SearchConfig("pole_english"),
                            ),
                            django.contrib.postgres.search.SearchConfig("pole_french"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "recommendation",
                "verbose_name_plural": "recommendations",
                "ordering": ["forum", "id"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["document"], name="recommendation_document"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["issue", "opportunity"])),
                        name="recommendation_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "accepted", "refused", "merged"])),
                        name="recommendation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "merged"), ("survivor__isnull", False)),
                            models.Q(
                                models.Q(("state", "merged"), _negated=True), ("survivor__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="recommendation_merged_has_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("survivor", models.F("id")), _negated=True),
                        name="recommendation_not_merged_into_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("refusal_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="recommendation_refused_with_reason",
                        violation_error_message="Say why the recommendation is refused.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_on_ballot", False),
                            models.Q(("is_hidden", False), ("state", "accepted")),
                            _connector="OR",
                        ),
                        name="recommendation_on_ballot_accepted",
                        violation_error_message="Only an accepted recommendation goes on the ballot.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_person_named", False),
                            models.Q(("author_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="recommendation_person_named_has_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="recommendation_has_title"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecommendationEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="forums.recommendation",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("edited", "reworded"),
                            ("accepted", "accepted"),
                            ("refused", "refused"),
                            ("merged", "merged"),
                            ("unmerged", "separated again"),
                            ("gathered", "joined by another"),
                            ("released", "left by another"),
                            ("on_ballot", "put on the ballot"),
                            ("off_ballot", "taken off the ballot"),
                            ("hidden", "hidden"),
                            ("shown", "shown again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forums.dayteammember",
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("shows_before", models.BooleanField(default=True)),
                ("state_before", models.CharField(blank=True, max_length=10)),
                ("was_on_ballot", models.BooleanField(default=False)),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="forums.recommendation",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "proposed",
                                    "edited",
                                    "accepted",
                                    "refused",
                                    "merged",
                                    "unmerged",
                                    "gathered",
                                    "released",
                                    "on_ballot",
                                    "off_ballot",
                                    "hidden",
                                    "shown",
                                ],
                            )
                        ),
                        name="recommendation_event_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("action__in", ["merged", "unmerged", "gathered", "released"]),
                                ("other__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("action__in", ["merged", "unmerged", "gathered", "released"]),
                                    _negated=True,
                                ),
                                ("other__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="recommendation_event_ties_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("action", "merged"), _negated=True), ("state_before", "")),
                            models.Q(("action", "merged"), ("state_before__in", ["proposed", "accepted"])),
                            _connector="OR",
                        ),
                        name="recommendation_event_keeps_state_before",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.RunSQL(HISTORY, UNDO),
    ]
