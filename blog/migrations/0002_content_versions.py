"""What visitors read here raises the content version of the room."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_initial"), ("pole", "0003_content_versions")]
    operations = [
        raise_version_on_change("blog", "blog_post"),
        raise_version_on_change("blog", "blog_page"),
        raise_version_on_change("blog", "blog_tag"),
        raise_version_on_change("blog", "blog_author"),
        raise_version_on_change("blog", "blog_byline"),
        raise_version_on_change("blog", "blog_post_tags"),
    ]
