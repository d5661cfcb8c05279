import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pole', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnChoice',
            fields=[
                ('header', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('field', models.CharField(blank=True, max_length=30)),
            ],
        ),
        migrations.CreateModel(
            name='Sector',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=80, verbose_name='name in English')),
                ('synonyms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, verbose_name='synonyms')),
            ],
            options={
                'verbose_name': 'sector',
                'verbose_name_plural': 'sectors',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=90, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('state', models.CharField(choices=[('draft', 'hidden'), ('published', 'published'), ('archived', 'archived')], default='published', max_length=10, verbose_name='state')),
                ('name', models.CharField(max_length=140, verbose_name='name')),
                ('name_key', models.GeneratedField(db_persist=True, expression=models.Func(models.F('name'), function='pole_unaccent_lower'), output_field=models.TextField(db_collation='C'))),
                ('other_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=140), blank=True, default=list, verbose_name='other names')),
                ('legal_form', models.CharField(blank=True, choices=[('coop_producers', 'Producers’ cooperative'), ('coop_consumers', 'Consumers’ cooperative'), ('coop_workers', 'Workers’ cooperative'), ('coop_worker_shareholders', 'Worker-shareholder cooperative'), ('coop_solidarity', 'Solidarity cooperative'), ('npo', 'Non-profit organisation'), ('mutual', 'Mutual')], max_length=30, verbose_name='legal form')),
                ('neq', models.CharField(blank=True, max_length=10, verbose_name='NEQ')),
                ('founded', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year founded')),
                ('mission', models.CharField(blank=True, max_length=240, verbose_name='mission in a sentence')),
                ('mission_en', models.CharField(blank=True, max_length=240, verbose_name='mission in English')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, verbose_name='description in English')),
                ('products', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, verbose_name='products and services')),
                ('products_en', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, verbose_name='products and services in English')),
                ('supplies', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('alimentation', 'Traiteur et services alimentaires'), ('denrees', 'Denrées et produits locaux'), ('entretien-menager', 'Entretien ménager'), ('buanderie', 'Buanderie et couture'), ('entretien-batiments', 'Entretien et réparation de bâtiments'), ('renovation', 'Construction et rénovation'), ('espaces-verts', 'Aménagement paysager et espaces verts'), ('deneigement', 'Déneigement'), ('matieres-residuelles', 'Collecte et gestion des matières résiduelles'), ('reemploi', 'Réemploi, récupération et économie circulaire'), ('transport-personnes', 'Transport de personnes'), ('transport-marchandises', 'Transport de marchandises et déménagement'), ('velos-vehicules', 'Vélos, véhicules et entretien de flottes'), ('mobilier', 'Mobilier et ébénisterie'), ('impression', 'Impression, affichage et envois postaux'), ('communication', 'Communication, graphisme et production vidéo'), ('informatique', 'Informatique et services numériques'), ('formation', 'Formation et accompagnement'), ('services-conseils', 'Services-conseils, études et animation'), ('main-oeuvre', 'Main-d’œuvre et sous-traitance'), ('evenements', 'Organisation d’évènements et location de salles'), ('arts-culture', 'Arts, spectacles et médiation culturelle'), ('loisirs-jeunesse', 'Loisirs, camps de jour et jeunesse'), ('soutien-personnes', 'Services aux personnes et aux familles'), ('habitation', 'Habitation et gestion immobilière'), ('environnement', 'Environnement, eau et biodiversité'), ('cadeaux', 'Cadeaux corporatifs et produits artisanaux')], max_length=30), blank=True, default=list, verbose_name='what you can supply to a municipality')),
                ('licences', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, verbose_name='licences and certifications')),
                ('quote_contact', models.CharField(blank=True, max_length=160, verbose_name='contact for quotes')),
                ('street', models.CharField(blank=True, max_length=120, verbose_name='street address')),
                ('postal_code', models.CharField(blank=True, max_length=7, verbose_name='postal code')),
                ('latitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True)),
                ('longitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True)),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='telephone')),
                ('phone_extension', models.CharField(blank=True, max_length=6, verbose_name='extension')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('website', models.URLField(blank=True, max_length=300, verbose_name='website')),
                ('social_links', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=300), blank=True, default=list, verbose_name='social media')),
                ('opening_hours', models.CharField(blank=True, max_length=200, verbose_name='opening hours')),
                ('opening_hours_en', models.CharField(blank=True, max_length=200, verbose_name='opening hours in English')),
                ('workforce', models.CharField(blank=True, choices=[('0', 'No employee'), ('1-4', '1 to 4 people'), ('5-9', '5 to 9 people'), ('10-24', '10 to 24 people'), ('25-49', '25 to 49 people'), ('50-99', '50 to 99 people'), ('100+', '100 people or more')], max_length=8, verbose_name='workforce')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('fr', 'French'), ('en', 'English'), ('es', 'Spanish'), ('fcs', 'Quebec Sign Language')], max_length=3), blank=True, default=list, verbose_name='languages of service')),
                ('logo', models.ImageField(blank=True, upload_to='logos/', verbose_name='logo')),
                ('verified_on', models.DateField(blank=True, null=True, verbose_name='verified on')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('lost_owner_at', models.DateTimeField(editable=False, null=True)),
                ('sector_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False)),
                ('served', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=3), default=list, editable=False)),
                ('document', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='enterprises.listing')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='pole.municipality', verbose_name='municipality')),
                ('territory', models.ManyToManyField(blank=True, related_name='+', to='pole.mrc', verbose_name='territory served')),
                ('sectors', models.ManyToManyField(related_name='listings', to='enterprises.sector', verbose_name='sectors')),
            ],
            options={
                'verbose_name': 'listing',
                'verbose_name_plural': 'listings',
                'ordering': ['name_key', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('file_name', models.CharField(max_length=120, verbose_name='file')),
                ('state', models.CharField(choices=[('open', 'being prepared'), ('queued', 'about to begin'), ('running', 'running'), ('done', 'done'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='open', max_length=10, verbose_name='state')),
                ('table', models.JSONField()),
                ('mapping', models.JSONField(default=list)),
                ('answers', models.JSONField(default=dict)),
                ('only_fills', models.BooleanField(default=True, help_text='Otherwise the file replaces what listings say. A listing that someone keeps is only ever filled.', verbose_name='only fill what is empty')),
                ('publishes', models.BooleanField(default=True, help_text='Otherwise they are hidden until you publish them.', verbose_name='publish new listings at once')),
                ('outcomes', models.JSONField(default=list)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-created_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'queued', 'running', 'done', 'cancelled', 'failed'])), name='import_state_known'), models.CheckConstraint(condition=models.Q(('rows_done__lte', models.F('rows_total'))), name='import_rows_within')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('role', models.CharField(choices=[('owner', 'owner'), ('editor', 'co-editor')], default='editor', max_length=8, verbose_name='role')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='enterprises.listing')),
            ],
            options={
                'ordering': ['sent_at'],
                'constraints': [models.UniqueConstraint(fields=('listing', 'email'), name='invitation_once'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'editor'])), name='invitation_role_known')],
            },
        ),
        migrations.CreateModel(
            name='DuplicatePair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('likeness', models.FloatField()),
                ('state', models.CharField(choices=[('open', 'possible duplicate'), ('apart', 'not a duplicate')], default='open', max_length=5)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enterprises.listing')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enterprises.listing')),
            ],
            options={
                'ordering': ['-likeness', 'id'],
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='duplicate_pair_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='duplicate_pair_in_order'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'apart'])), name='duplicate_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('code_sent', 'a code was mailed'), ('waiting', 'waiting for the team'), ('accepted', 'accepted'), ('refused', 'refused'), ('dropped', 'given up')], max_length=9, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('code_expires_at', models.DateTimeField(blank=True, null=True)),
                ('codes_sent', models.PositiveSmallIntegerField(default=0)),
                ('tries_left', models.PositiveSmallIntegerField(default=0)),
                ('is_proven', models.BooleanField(default=False)),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listing_claims', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='enterprises.listing')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
                'ordering': ['created_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['code_sent', 'waiting', 'accepted', 'refused', 'dropped'])), name='claim_state_known'), models.UniqueConstraint(condition=models.Q(('state__in', ['code_sent', 'waiting'])), fields=('listing', 'user'), name='claim_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Checkup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('to_call', models.BooleanField(default=False)),
                ('answer', models.CharField(blank=True, choices=[('', 'no answer yet'), ('exact', 'exact'), ('corrected', 'corrected'), ('called', 'answered by telephone')], default='', max_length=9)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checkups', to='enterprises.listing')),
            ],
            options={
                'ordering': ['asked_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('answer__in', ['', 'exact', 'corrected', 'called'])), name='checkup_answer_known'), models.CheckConstraint(condition=models.Q(('reminders__lte', 2)), name='checkup_two_reminders'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='checkup_answered_at_a_moment'), models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('listing',), name='checkup_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Attestation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'waiting for the team'), ('accepted', 'accepted'), ('refused', 'refused')], default='pending', max_length=8, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('signed_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='signed on')),
                ('expires_on', models.DateField(verbose_name='valid until')),
                ('signer_name', models.CharField(max_length=120, verbose_name='full name')),
                ('signer_title', models.CharField(max_length=120, verbose_name='function in the enterprise')),
                ('wording', models.TextField(verbose_name='what was signed')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attestations', to='enterprises.listing')),
            ],
            options={
                'verbose_name': 'attestation',
                'verbose_name_plural': 'attestations',
                'ordering': ['-signed_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'accepted', 'refused'])), name='attestation_state_known'), models.CheckConstraint(condition=models.Q(('expires_on__gt', models.F('signed_on'))), name='attestation_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('signer_name', ''), _negated=True), models.Q(('signer_title', ''), _negated=True)), name='attestation_is_signed'), models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('listing',), name='attestation_one_pending', violation_error_message='An attestation is already waiting for the team.')],
            },
        ),
        migrations.CreateModel(
            name='ListingDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('file', models.FileField(upload_to='documents/', verbose_name='document')),
                ('size_bytes', models.PositiveIntegerField(editable=False)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='enterprises.listing')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='listing_document_titled', violation_error_message='Give the document a title.')],
            },
        ),
        migrations.CreateModel(
            name='ListingPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, verbose_name='order')),
                ('file', models.ImageField(height_field='height_px', upload_to='photos/', verbose_name='photo', width_field='width_px')),
                ('width_px', models.PositiveIntegerField(editable=False)),
                ('height_px', models.PositiveIntegerField(editable=False)),
                ('renditions', models.JSONField(default=list, editable=False)),
                ('description', models.CharField(max_length=240, verbose_name='alternative text')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='enterprises.listing')),
            ],
            options={
                'verbose_name': 'photo',
                'verbose_name_plural': 'photos',
                'ordering': ['position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('description', ''), _negated=True), name='listing_photo_described', violation_error_message='Say what the photo shows, for those who can’t see it.')],
            },
        ),
        migrations.CreateModel(
            name='ListingRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'owner'), ('editor', 'co-editor')], default='owner', max_length=8, verbose_name='role')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='enterprises.listing')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listing_roles', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'listing manager',
                'verbose_name_plural': 'listing managers',
                'constraints': [models.UniqueConstraint(fields=('listing', 'user'), name='listing_role_once'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'editor'])), name='listing_role_known')],
            },
        ),
        migrations.CreateModel(
            name='ListingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edit', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('changed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30))),
                ('before', models.JSONField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='enterprises.listing')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('listing', 'edit'), name='listing_version_once_an_edit')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('identity', 'Proposed change'), ('correction', 'Correction without an account'), ('report', 'Reported error')], max_length=10)),
                ('state', models.CharField(choices=[('pending', 'waiting for the team'), ('accepted', 'accepted'), ('partly', 'accepted in part'), ('refused', 'refused'), ('withdrawn', 'withdrawn')], default='pending', max_length=9, verbose_name='state')),
                ('fields', models.JSONField(default=dict)),
                ('base_version', models.PositiveIntegerField(default=0)),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('author_email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='enterprises.listing')),
            ],
            options={
                'verbose_name': 'proposed change',
                'verbose_name_plural': 'proposed changes',
                'ordering': ['created_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['created_at'], name='proposal_pending')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['identity', 'correction', 'report'])), name='proposal_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'accepted', 'partly', 'refused', 'withdrawn'])), name='proposal_state_known'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'withdrawn']), ('decided_at__isnull', False), _connector='OR'), name='proposal_decided_at_a_moment'), models.UniqueConstraint(condition=models.Q(('kind', 'identity'), ('state', 'pending')), fields=('listing', 'author'), name='proposal_one_pending_each')],
            },
        ),
        migrations.AddIndex(
            model_name='listing',
            index=django.contrib.postgres.indexes.GinIndex(fields=['document'], name='listing_document'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=django.contrib.postgres.indexes.GinIndex(fields=['name_key'], name='listing_name_trigrams', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('name', config='pole_french'), name='listing_name_words'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(fields=['state', 'name_key', 'id'], include=('municipality', 'legal_form', 'sector_ids', 'supplies', 'languages', 'served'), name='listing_by_name'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.UniqueConstraint(condition=models.Q(('neq', ''), _negated=True), fields=('neq',), name='listing_neq_unique', violation_error_message='Another listing already has this NEQ.'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('neq', ''), ('neq__regex', '^(11|22|33|88)\\d{8}$'), _connector='OR'), name='listing_neq_form', violation_error_message='A NEQ has ten digits and begins with 11, 22, 33 or 88.'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('postal_code', ''), ('postal_code__regex', '^[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z] \\d[ABCEGHJ-NPRSTV-Z]\\d$'), _connector='OR'), name='listing_postal_code_form', violation_error_message='Write a Canadian postal code, like J0S 1Y0.'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'archived'])), name='listing_state_known'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('legal_form__in', ['', 'coop_producers', 'coop_consumers', 'coop_workers', 'coop_worker_shareholders', 'coop_solidarity', 'npo', 'mutual'])), name='listing_legal_form_known'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('workforce__in', ['', '0', '1-4', '5-9', '10-24', '25-49', '50-99', '100+'])), name='listing_workforce_known'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('languages__contained_by', ['fr', 'en', 'es', 'fcs'])), name='listing_languages_known'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('supplies__contained_by', ['alimentation', 'denrees', 'entretien-menager', 'buanderie', 'entretien-batiments', 'renovation', 'espaces-verts', 'deneigement', 'matieres-residuelles', 'reemploi', 'transport-personnes', 'transport-marchandises', 'velos-vehicules', 'mobilier', 'impression', 'communication', 'informatique', 'formation', 'services-conseils', 'main-oeuvre', 'evenements', 'arts-culture', 'loisirs-jeunesse', 'soutien-personnes', 'habitation', 'environnement', 'cadeaux'])), name='listing_supplies_known'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('social_links__len__lte', 8)), name='listing_social_links_few', violation_error_message='At most eight addresses of social media.'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('founded__isnull', True), models.Q(('founded__gte', 1800), ('founded__lte', 2100)), _connector='OR'), name='listing_founded_plausible', violation_error_message='Check the year founded.'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='listing_position_whole'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('state', 'archived'), _connector='OR'), name='listing_merged_is_archived'),
        ),
    ]
