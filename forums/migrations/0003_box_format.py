"""What is shown at the closing, what tellers add to the seed, and the mail that brings the seal."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0002_limits_of_any_method"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="noticetext",
            name="notice_text_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="roundevent",
            name="round_event_known",
        ),
        migrations.AddField(
            model_name="round",
            name="receipts_count",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="round",
            name="receipts_fingerprint",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="round",
            name="tellers_add",
            field=models.BooleanField(default=False, verbose_name="tellers add their part to the lottery"),
        ),
        migrations.AddField(
            model_name="round",
            name="tellers_dropped_because",
            field=models.CharField(blank=True, max_length=400, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="round",
            name="tellers_part",
            field=models.CharField(blank=True, max_length=200, verbose_name="part of the tellers"),
        ),
        migrations.AddField(
            model_name="roundsecret",
            name="closing_receipts",
            field=models.JSONField(null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("to_confirm", "Link that confirms a registration"),
                    ("already", "Registered already"),
                    ("confirmation", "Registration confirmed"),
                    ("waitlisted", "On the waitlist"),
                    ("promotion", "A place has come free"),
                    ("reminder", "Reminder, two days before"),
                    ("cancelled", "Registration cancelled"),
                    ("postponed", "Forum postponed"),
                    ("called_off", "Forum cancelled"),
                    ("restored", "Takes place after all"),
                    ("vote_open", "The vote is open"),
                    ("sealed", "The seal of the box"),
                    ("results", "Results published"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="noticetext",
            name="kind",
            field=models.CharField(
                choices=[
                    ("to_confirm", "Link that confirms a registration"),
                    ("already", "Registered already"),
                    ("confirmation", "Registration confirmed"),
                    ("waitlisted", "On the waitlist"),
                    ("promotion", "A place has come free"),
                    ("reminder", "Reminder, two days before"),
                    ("cancelled", "Registration cancelled"),
                    ("postponed", "Forum postponed"),
                    ("called_off", "Forum cancelled"),
                    ("restored", "Takes place after all"),
                    ("vote_open", "The vote is open"),
                    ("sealed", "The seal of the box"),
                    ("results", "Results published"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="roundevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("prolonged", "extended"),
                    ("closed", "closed"),
                    ("annulled", "annulled"),
                    ("sealed", "sealed"),
                    ("added", "voter added"),
                    ("voided", "voter removed"),
                    ("noted", "paper noted late"),
                    ("tellers", "part of the tellers in the lottery"),
                    ("dropped", "lottery without the tellers"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "to_confirm",
                            "already",
                            "confirmation",
                            "waitlisted",
                            "promotion",
                            "reminder",
                            "cancelled",
                            "postponed",
                            "called_off",
                            "restored",
                            "vote_open",
                            "sealed",
                            "results",
                        ],
                    )
                ),
                name="notice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticetext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "to_confirm",
                            "already",
                            "confirmation",
                            "waitlisted",
                            "promotion",
                            "reminder",
                            "cancelled",
                            "postponed",
                            "called_off",
                            "restored",
                            "vote_open",
                            "sealed",
                            "results",
                        ],
                    )
                ),
                name="notice_text_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("tellers_dropped_because", ""), ("tellers_part", "")),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("tellers_add", True),
                        models.Q(("tellers_part", ""), ("tellers_dropped_because", ""), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="round_tellers_add_after_closing",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sealed_at__isnull", True),
                    ("tellers_add", False),
                    models.Q(("tellers_part", ""), _negated=True),
                    models.Q(("tellers_dropped_because", ""), _negated=True),
                    _connector="OR",
                ),
                name="round_sealed_after_tellers",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "opened",
                            "prolonged",
                            "closed",
                            "annulled",
                            "sealed",
                            "added",
                            "voided",
                            "noted",
                            "tellers",
                            "dropped",
                        ],
                    )
                ),
                name="round_event_known",
            ),
        ),
    ]
