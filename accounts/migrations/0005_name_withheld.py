from django.db import migrations, models

# What each sign-up asked until now, in the language of the account; nobody could sign up without it.
ASKED = {
    "fr": ("J’accepte que mon nom soit affiché avec les commentaires que je publie", "/compte/inscription/"),
    "en": ("I agree that my name be shown with the comments that I publish", "/en/compte/inscription/"),
}


def write_consents(apps, schema_editor):
    """The consent that came with the account, at the time of the account; commands asked nothing of superusers."""
    User = apps.get_model("accounts", "User")
    Consent = apps.get_model("accounts", "Consent")
    people = User.objects.filter(is_superuser=False).values_list("pk", "language", "created_at")
    Consent.objects.bulk_create(
        (
            Consent(user_id=key, purpose="name_shown", wording=wording, page=page, given_at=created_at)
            for key, language, created_at in people.iterator()
            for wording, page in [ASKED[language]]
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_team_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_name_withheld",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(write_consents, migrations.RunPython.noop),
        # It watches the column, which could not go; `migrate` makes it again.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "DROP TRIGGER IF EXISTS accounts_user_changed_raises_people ON accounts_user",
        ),
    ]
