"""Extensions, what text search and generated columns stand on, and the tables of the ground floor."""

import django.core.validators
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models

# unaccent() is only STABLE, since its dictionary could be replaced; naming the dictionary makes it
# as constant as an index needs.
UNACCENT = """
CREATE FUNCTION pole_unaccent(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN public.unaccent('public.unaccent'::regdictionary, $1);
CREATE FUNCTION pole_unaccent_lower(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
COMMENT ON FUNCTION pole_unaccent(text) IS
    'A text without its accents, the same for ever: what an index may hold.';
COMMENT ON FUNCTION pole_unaccent_lower(text) IS
    'A text without its accents, in small letters: what names are sorted and compared by.';
"""
CONFIGURATIONS = """
CREATE TEXT SEARCH CONFIGURATION pole_french (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION pole_french
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION pole_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION pole_english
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, english_stem;
"""
CACHE = """
CREATE UNLOGGED TABLE pole_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX pole_cache_expires ON pole_cache (expires)
"""
# Not a model: `flush` must not make the portal forget what its database holds.
SQL_FILES = """
CREATE TABLE pole_sql_file (
    path text NOT NULL PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamp with time zone NOT NULL DEFAULT now()
)
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(
            UNACCENT,
            "DROP FUNCTION pole_unaccent_lower(text); DROP FUNCTION pole_unaccent(text)",
        ),
        migrations.RunSQL(
            CONFIGURATIONS,
            "DROP TEXT SEARCH CONFIGURATION pole_french; DROP TEXT SEARCH CONFIGURATION pole_english",
        ),
        # The shared cache (rate limits), as `createcachetable` would make it.
        migrations.RunSQL(CACHE, "DROP TABLE pole_cache"),
        # Which files of <package>/sql were applied: see pole.server.database.repeatable_sql.
        migrations.RunSQL(SQL_FILES, "DROP TABLE pole_sql_file"),
        migrations.CreateModel(
            name='ContentVersion',
            fields=[
                ('scope', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Mrc',
            fields=[
                ('code', models.CharField(max_length=3, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('mrc', 'MRC'), ('agglomeration', 'Agglomeration')], default='mrc', max_length=20, verbose_name='kind')),
            ],
            options={
                'verbose_name': 'MRC',
                'verbose_name_plural': 'MRC',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.JSONField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='MenuItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('header', 'main menu'), ('footer', 'foot of the page')], max_length=10, verbose_name='place')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('label', models.CharField(max_length=40, verbose_name='label')),
                ('label_en', models.CharField(blank=True, max_length=40, verbose_name='label in English')),
                ('address', models.CharField(max_length=120, validators=[django.core.validators.RegexValidator('^/(?!/)\\S*$', 'Write an address of this site, like /contact/.')], verbose_name='address on this site')),
            ],
            options={
                'verbose_name': 'menu entry',
                'verbose_name_plural': 'menu entries',
                'ordering': ['place', 'position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('place__in', ['header', 'footer'])), name='menu_place_known')],
            },
        ),
        migrations.CreateModel(
            name='Municipality',
            fields=[
                ('code', models.CharField(max_length=5, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('designation', models.CharField(max_length=40, verbose_name='designation')),
                ('latitude', models.DecimalField(blank=True, decimal_places=3, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)])),
                ('longitude', models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)])),
                ('is_homonym', models.BooleanField(default=False)),
                ('mrc', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='municipalities', to='pole.mrc', verbose_name='MRC')),
            ],
            options={
                'verbose_name': 'municipality',
                'verbose_name_plural': 'municipalities',
                'ordering': [models.Func('name', function='pole_unaccent_lower'), 'code'],
            },
        ),
        migrations.CreateModel(
            name='Hub',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='name in English')),
                ('short_name', models.CharField(max_length=40, verbose_name='short name')),
                ('tagline', models.CharField(max_length=240, verbose_name='what the hub is, in one sentence')),
                ('tagline_en', models.CharField(blank=True, max_length=240, verbose_name='the same sentence in English')),
                ('team', models.CharField(blank=True, max_length=240, verbose_name='the team, in one sentence')),
                ('team_en', models.CharField(blank=True, max_length=240, verbose_name='the team, in English')),
                ('logo', models.ImageField(blank=True, upload_to='hub/', verbose_name='logo')),
                ('primary_colour', models.CharField(default='#1f5c3f', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write a colour like #1f5c3f.')], verbose_name='main colour')),
                ('accent_colour', models.CharField(default='#a8441a', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write a colour like #1f5c3f.')], verbose_name='accent colour')),
                ('street', models.CharField(blank=True, max_length=120, verbose_name='street address')),
                ('postal_code', models.CharField(blank=True, max_length=7, verbose_name='postal code')),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='telephone')),
                ('phone_extension', models.CharField(blank=True, max_length=6, verbose_name='extension')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('opening_hours', models.CharField(blank=True, max_length=160, verbose_name='opening hours')),
                ('opening_hours_en', models.CharField(blank=True, max_length=160, verbose_name='opening hours in English')),
                ('privacy_officer', models.CharField(blank=True, max_length=160, verbose_name='title and name of the privacy officer')),
                ('privacy_officer_en', models.CharField(blank=True, max_length=160, verbose_name='title and name of the privacy officer, in English')),
                ('privacy_email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address for privacy')),
                ('holds_first_comment', models.BooleanField(default=True, verbose_name='hold the first comment of an account for review')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('territory', models.ManyToManyField(blank=True, related_name='+', to='pole.mrc', verbose_name='territory')),
                ('municipality', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pole.municipality', verbose_name='municipality')),
            ],
            options={
                'verbose_name': 'hub',
                'verbose_name_plural': 'hub',
            },
        ),
        migrations.CreateModel(
            name='FormerMunicipality',
            fields=[
                ('key', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80, verbose_name='former name')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_names', to='pole.municipality', verbose_name='municipality')),
            ],
            options={
                'verbose_name': 'former municipality',
                'verbose_name_plural': 'former municipalities',
                'ordering': ['key'],
            },
        ),
        migrations.AddConstraint(
            model_name='municipality',
            constraint=models.UniqueConstraint(fields=('name', 'designation', 'mrc'), name='municipality_unique'),
        ),
        migrations.AddConstraint(
            model_name='municipality',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='municipality_position_whole'),
        ),
        migrations.AddConstraint(
            model_name='hub',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='hub_is_single'),
        ),
    ]
