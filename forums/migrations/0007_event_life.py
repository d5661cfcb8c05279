"""Forums are postponed, full, or without a vote; mails about them, and who was written to."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0006_vote_invariants"),
    ]

    operations = [
        # Questions change places in one transaction.
        migrations.RemoveConstraint(
            model_name="registrationquestion", name="registration_question_order_unique"
        ),
        migrations.AddConstraint(
            model_name="registrationquestion",
            constraint=models.UniqueConstraint(
                deferrable=models.Deferrable["DEFERRED"],
                fields=("forum", "position"),
                name="registration_question_order_unique",
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
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
                            ("results", "Results published"),
                        ],
                        max_length=12,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=40)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "mail sent",
                "verbose_name_plural": "mails sent",
            },
        ),
        migrations.CreateModel(
            name="NoticeText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
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
                            ("results", "Results published"),
                        ],
                        max_length=12,
                    ),
                ),
                ("language", models.CharField(choices=[("fr", "Français"), ("en", "English")], max_length=2)),
                ("subject", models.CharField(max_length=140, verbose_name="subject")),
                ("body", models.TextField(max_length=4000, verbose_name="text")),
            ],
            options={
                "verbose_name": "text of a mail",
                "verbose_name_plural": "texts of mails",
            },
        ),
        migrations.AddField(
            model_name="forum",
            name="has_participation",
            field=models.BooleanField(
                default=True,
                help_text="Off for an annual meeting, a training day, a visit: an event without recommendations.",
                verbose_name="recommendations and votes",
            ),
        ),
        migrations.AddField(
            model_name="forum",
            name="is_full",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="forum",
            name="postponed_from",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="dayteammember",
            constraint=models.UniqueConstraint(
                models.F("forum"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("revoked_at", None)),
                name="day_team_name_once",
                violation_error_message="Someone of this name is already in the day team.",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="registration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="forums.registration"
            ),
        ),
        migrations.AddField(
            model_name="noticetext",
            name="forum",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notice_texts", to="forums.forum"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("registration", "kind", "about"), name="notice_once"),
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
                            "results",
                        ],
                    )
                ),
                name="notice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticetext",
            constraint=models.UniqueConstraint(fields=("forum", "kind", "language"), name="notice_text_once"),
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
                            "results",
                        ],
                    )
                ),
                name="notice_text_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticetext",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["fr", "en"])), name="notice_text_language_known"
            ),
        ),
    ]
