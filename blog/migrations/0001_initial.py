import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pole', '0001_initial'),
        ('comments', '0001_initial'),
        ('desk', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=60, verbose_name='name in English')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('role', models.CharField(blank=True, max_length=120, verbose_name='role')),
                ('role_en', models.CharField(blank=True, max_length=120, verbose_name='role in English')),
                ('note', models.TextField(blank=True, help_text='Shown at the end of this person’s posts.', max_length=600, verbose_name='author note')),
                ('note_en', models.TextField(blank=True, max_length=600, verbose_name='author note in English')),
                ('portrait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='desk.picture', verbose_name='portrait')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='author_profile', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'author',
                'verbose_name_plural': 'authors',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Byline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bylines', to='blog.author')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Imported',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=300)),
                ('became', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'key'), name='imported_once')],
            },
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='published at')),
                ('slug', models.CharField(error_messages={'unique': 'Another page already has this address.'}, max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=120, verbose_name='title in English')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('body_en', models.TextField(blank=True, verbose_name='text in English')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s', to='desk.draft')),
            ],
            options={
                'verbose_name': 'page',
                'verbose_name_plural': 'pages',
                'ordering': ['position', 'title'],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='published at')),
                ('kind', models.CharField(choices=[('billet', 'Post'), ('nouvelle', 'News'), ('communique', 'Press release')], default='billet', max_length=12, verbose_name='kind')),
                ('language', models.CharField(choices=[('fr', 'Français'), ('en', 'English')], default='fr', max_length=2, verbose_name='language')),
                ('slug', models.CharField(error_messages={'unique': 'Another post already has this address.'}, max_length=90, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('heading', models.CharField(blank=True, help_text='Shown above the text, under the date.', max_length=200, verbose_name='heading')),
                ('summary', models.CharField(blank=True, help_text='For lists and search engines. Empty: the beginning of the text.', max_length=300, verbose_name='summary')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('document', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='pole_french', weight='A'), '||', django.contrib.postgres.search.SearchVector('heading', config='pole_french', weight='B'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.SearchVector('summary', config='pole_french', weight='B'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.SearchVector('body', config='pole_french', weight='C'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='pole_english', weight='A'), '||', django.contrib.postgres.search.SearchVector('body', config='pole_english', weight='C'), django.contrib.postgres.search.SearchConfig('pole_english')), django.contrib.postgres.search.SearchConfig('pole_french')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('authors', models.ManyToManyField(blank=True, related_name='posts', through='blog.Byline', to='blog.author', verbose_name='authors')),
                ('documents', models.ManyToManyField(blank=True, related_name='posts', to='desk.document', verbose_name='documents to download')),
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s', to='desk.draft')),
                ('lead_picture', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='desk.picture', verbose_name='picture')),
                ('thread', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='post', to='comments.thread')),
                ('translation_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='translations', to='blog.post', verbose_name='translation of')),
                ('tags', models.ManyToManyField(blank=True, related_name='posts', to='blog.tag', verbose_name='tags')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'ordering': ['-published_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='byline',
            name='post',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bylines', to='blog.post'),
        ),
        migrations.CreateModel(
            name='OldAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=300, unique=True)),
                ('page', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='old_addresses', to='blog.page')),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='old_addresses', to='blog.post')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('page__isnull', False), ('post', None)), models.Q(('page', None), ('post__isnull', False)), _connector='OR'), name='old_address_of_one_text')],
            },
        ),
        migrations.AddConstraint(
            model_name='byline',
            constraint=models.UniqueConstraint(fields=('post', 'author'), name='byline_once_a_post'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['-published_at', '-id'], name='post_latest'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=django.contrib.postgres.indexes.GinIndex(fields=['document'], name='post_document'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['billet', 'nouvelle', 'communique'])), name='post_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['fr', 'en'])), name='post_language_known'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(fields=('translation_of', 'language'), name='post_one_translation_a_language', violation_error_message='This post already has a translation in this language.'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('translation_of', models.F('id')), _negated=True), name='post_not_its_own_translation'),
        ),
    ]
