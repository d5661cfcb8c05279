"""Old addresses that lead to texts, documents that posts give to download, what was brought from other sites."""

import django.db.models.deletion
from django.db import migrations, models

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_content_versions"),
        ("desk", "0003_writing"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="documents",
            field=models.ManyToManyField(
                blank=True, related_name="posts", to="desk.document", verbose_name="documents to download"
            ),
        ),
        migrations.CreateModel(
            name="OldAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=300, unique=True)),
                (
                    "page",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="old_addresses",
                        to="blog.page",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="old_addresses",
                        to="blog.post",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("page__isnull", False), ("post", None)),
                            models.Q(("page", None), ("post__isnull", False)),
                            _connector="OR",
                        ),
                        name="old_address_of_one_text",
                    )
                ],
            },
        ),
        raise_version_on_change("blog", "blog_post_documents"),
        migrations.CreateModel(
            name="Imported",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=300)),
                ("became", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "kind", "key"), name="imported_once")
                ],
            },
        ),
    ]
