import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('comments', '0001_initial'),
        ('desk', '0001_initial'),
        ('pole', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dossier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('organisation', models.CharField(max_length=140, verbose_name='organisation')),
                ('person', models.CharField(blank=True, max_length=120, verbose_name='person')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('fr', 'French'), ('en', 'English')], default='fr', max_length=2, verbose_name='language')),
                ('message', models.TextField(blank=True, max_length=2000, verbose_name='message')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(verbose_name='link valid until')),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_by', models.CharField(blank=True, max_length=120, verbose_name='your name')),
            ],
            options={
                'verbose_name': 'dossier',
                'verbose_name_plural': 'dossiers',
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PaperBallot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(max_length=8)),
                ('is_large_print', models.BooleanField(default=False)),
                ('outcome', models.CharField(blank=True, choices=[('typed', 'typed'), ('blank', 'blank'), ('rejected', 'rejected')], max_length=8)),
                ('choices', models.JSONField(default=dict)),
                ('resolved_because', models.CharField(blank=True, max_length=400, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'paper ballot',
                'verbose_name_plural': 'paper ballots',
                'ordering': ['serial'],
            },
        ),
        migrations.CreateModel(
            name='Priority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('description_en', models.TextField(blank=True, max_length=2000, verbose_name='description in English')),
                ('themes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=2, verbose_name='themes')),
                ('state', models.CharField(choices=[('retained', 'Retained'), ('planned', 'Planned'), ('in_progress', 'In progress'), ('done', 'Done'), ('set_aside', 'Set aside')], default='retained', max_length=12, verbose_name='where it stands')),
                ('document', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='pole_french', weight='A'), '||', django.contrib.postgres.search.SearchVector('description', config='pole_french', weight='B'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title_en', config='pole_english', weight='A'), '||', django.contrib.postgres.search.SearchVector('description_en', config='pole_english', weight='B'), django.contrib.postgres.search.SearchConfig('pole_english')), django.contrib.postgres.search.SearchConfig('pole_french')), output_field=django.contrib.postgres.search.SearchVectorField())),
            ],
            options={
                'verbose_name': 'priority',
                'verbose_name_plural': 'priorities',
                'ordering': ['results', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('title', models.CharField(max_length=200, verbose_name='question')),
                ('title_en', models.CharField(blank=True, max_length=200, verbose_name='question in English')),
                ('method', models.CharField(choices=[('approval', 'Tick up to a number of options'), ('points', 'Share points between options')], default='approval', max_length=10, verbose_name='method')),
                ('limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='ticks at most')),
                ('points', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='points to share')),
                ('points_each', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='points at most on one option')),
                ('to_retain', models.PositiveSmallIntegerField(default=5, verbose_name='number to retain')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['round', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('title', models.CharField(blank=True, max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('is_trial', models.BooleanField(default=False, verbose_name='trial vote')),
                ('public', models.CharField(choices=[('checked_in', 'people whose arrival is confirmed'), ('registrants', 'everyone whose registration is confirmed'), ('accounts', 'every verified account (consultation)')], default='checked_in', max_length=12, verbose_name='who votes')),
                ('reading', models.CharField(choices=[('most_supported', 'The most supported'), ('balanced', 'Balanced reading')], default='most_supported', max_length=14, verbose_name='the reading that decides')),
                ('opens_at', models.DateTimeField(verbose_name='opens')),
                ('closes_at', models.DateTimeField(verbose_name='closes')),
                ('drawn_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('sealed_at', models.DateTimeField(blank=True, null=True)),
                ('annulled_at', models.DateTimeField(blank=True, null=True)),
                ('annulled_because', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('seed_hash', models.CharField(blank=True, max_length=64)),
                ('seal', models.CharField(blank=True, max_length=64)),
                ('papers_lost', models.PositiveIntegerField(blank=True, null=True)),
                ('papers_lost_because', models.CharField(blank=True, max_length=400, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'vote',
                'verbose_name_plural': 'votes',
                'ordering': ['forum', 'number'],
            },
        ),
        migrations.CreateModel(
            name='RateLimitCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('code', 'voting codes'), ('receipt', 'receipts')], max_length=8)),
                ('address_hash', models.CharField(max_length=64)),
                ('minute', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['minute'], name='rate_limit_by_minute')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'address_hash', 'minute'), name='rate_limit_one_row_a_minute'), models.CheckConstraint(condition=models.Q(('kind__in', ['code', 'receipt'])), name='rate_limit_of_a_known_kind')],
            },
        ),
        migrations.CreateModel(
            name='Forum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(error_messages={'unique': 'Another forum already has this address.'}, max_length=90, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use lower-case letters without accents, digits and hyphens.')], verbose_name='address')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('summary', models.CharField(blank=True, max_length=300, verbose_name='summary')),
                ('summary_en', models.CharField(blank=True, max_length=300, verbose_name='summary in English')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('body_en', models.TextField(blank=True, verbose_name='text in English')),
                ('hosts', models.CharField(blank=True, max_length=240, verbose_name='hosts')),
                ('hosts_en', models.CharField(blank=True, max_length=240, verbose_name='hosts, in English')),
                ('guests', models.CharField(blank=True, help_text='For example a visiting provincial body.', max_length=240, verbose_name='guests')),
                ('guests_en', models.CharField(blank=True, max_length=240, verbose_name='guests, in English')),
                ('starts_at', models.DateTimeField(verbose_name='begins')),
                ('ends_at', models.DateTimeField(verbose_name='ends')),
                ('venue', models.CharField(blank=True, max_length=140, verbose_name='venue')),
                ('venue_address', models.CharField(blank=True, max_length=140, verbose_name='address of the venue')),
                ('capacity', models.PositiveIntegerField(blank=True, null=True, verbose_name='places')),
                ('registration_opens_at', models.DateTimeField(blank=True, null=True, verbose_name='registration opens')),
                ('registration_closes_at', models.DateTimeField(blank=True, null=True, verbose_name='registration closes')),
                ('attendance_note', models.CharField(blank=True, help_text='For example: some forty people from the whole region.', max_length=200, verbose_name='participants, in words')),
                ('attendance_note_en', models.CharField(blank=True, max_length=200, verbose_name='participants, in English')),
                ('announced_at', models.DateTimeField(blank=True, null=True, verbose_name='announced at')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled at')),
                ('postponed_from', models.DateTimeField(blank=True, null=True)),
                ('has_participation', models.BooleanField(default=True, help_text='Off for an annual meeting, a training day, a visit: an event without recommendations.', verbose_name='recommendations and votes')),
                ('is_full', models.BooleanField(default=False, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('document', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='pole_french', weight='A'), '||', django.contrib.postgres.search.SearchVector('summary', config='pole_french', weight='B'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.SearchVector('venue', config='pole_french', weight='C'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.SearchVector('body', config='pole_french', weight='C'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title_en', config='pole_english', weight='A'), '||', django.contrib.postgres.search.SearchVector('summary_en', config='pole_english', weight='B'), django.contrib.postgres.search.SearchConfig('pole_english')), '||', django.contrib.postgres.search.SearchVector('body_en', config='pole_english', weight='C'), django.contrib.postgres.search.SearchConfig('pole_english')), django.contrib.postgres.search.SearchConfig('pole_french')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('documents', models.ManyToManyField(blank=True, related_name='forums', to='desk.document', verbose_name='documents to download')),
                ('municipality', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pole.municipality', verbose_name='municipality')),
            ],
            options={
                'verbose_name': 'forum',
                'verbose_name_plural': 'forums',
                'ordering': ['-starts_at'],
            },
        ),
        migrations.CreateModel(
            name='DayTeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('valid_until', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_team', to='forums.forum')),
            ],
            options={
                'verbose_name': 'member of the day team',
                'verbose_name_plural': 'day team',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('enterprise', 'Social economy enterprises'), ('citizen', 'Citizens'), ('partner', 'Partners'), ('collaborator', 'Collaborators'), ('other', 'Others')], max_length=14, verbose_name='kind')),
                ('count', models.PositiveIntegerField(blank=True, null=True, verbose_name='number')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendance', to='forums.forum')),
            ],
            options={
                'verbose_name': 'attendance',
                'verbose_name_plural': 'attendance',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='NoticeText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('to_confirm', 'Link that confirms a registration'), ('already', 'Registered already'), ('confirmation', 'Registration confirmed'), ('waitlisted', 'On the waitlist'), ('promotion', 'A place has come free'), ('reminder', 'Reminder, two days before'), ('cancelled', 'Registration cancelled'), ('postponed', 'Forum postponed'), ('called_off', 'Forum cancelled'), ('restored', 'Takes place after all'), ('vote_open', 'The vote is open'), ('results', 'Results published')], max_length=12)),
                ('language', models.CharField(choices=[('fr', 'Français'), ('en', 'English')], max_length=2)),
                ('subject', models.CharField(max_length=140, verbose_name='subject')),
                ('body', models.TextField(max_length=4000, verbose_name='text')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_texts', to='forums.forum')),
            ],
            options={
                'verbose_name': 'text of a mail',
                'verbose_name_plural': 'texts of mails',
            },
        ),
        migrations.CreateModel(
            name='PaperTyping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('typist', models.CharField(max_length=24)),
                ('typist_name', models.CharField(max_length=80)),
                ('outcome', models.CharField(choices=[('typed', 'typed'), ('blank', 'blank'), ('rejected', 'rejected')], max_length=8)),
                ('choices', models.JSONField(default=dict)),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='typings', to='forums.paperballot')),
            ],
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('accepted', 'Accepted'), ('in_progress', 'In progress'), ('done', 'Done'), ('refused', 'Refused')], max_length=12, verbose_name='answer')),
                ('text', models.TextField(blank=True, max_length=2000, verbose_name='explanation')),
                ('body', models.CharField(blank=True, max_length=140, verbose_name='body responsible')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due date')),
                ('language', models.CharField(choices=[('fr', 'French'), ('en', 'English')], default='fr', max_length=2)),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='forums.dossier')),
                ('priority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='forums.priority')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
                'ordering': ['priority', 'answered_at'],
            },
        ),
        migrations.CreateModel(
            name='PriorityUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dated_on', models.DateField(verbose_name='date')),
                ('text', models.CharField(max_length=400, verbose_name='what happened')),
                ('text_en', models.CharField(blank=True, max_length=400, verbose_name='what happened, in English')),
                ('priority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='forums.priority')),
            ],
            options={
                'verbose_name': 'update',
                'verbose_name_plural': 'updates',
                'ordering': ['-dated_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ProgrammeItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.TimeField(verbose_name='time')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='programme', to='forums.forum')),
            ],
            options={
                'verbose_name': 'programme item',
                'verbose_name_plural': 'programme',
                'ordering': ['starts_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('issue', 'Issue'), ('opportunity', 'Opportunity')], default='opportunity', max_length=12, verbose_name='kind')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('description_en', models.TextField(blank=True, max_length=2000, verbose_name='description in English')),
                ('author_name', models.CharField(blank=True, max_length=140, verbose_name='author, as shown')),
                ('is_person_named', models.BooleanField(default=False)),
                ('table_number', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='table')),
                ('state', models.CharField(choices=[('proposed', 'Awaiting review'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('merged', 'Merged')], default='proposed', max_length=10)),
                ('refusal_reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('is_on_ballot', models.BooleanField(default=False, verbose_name='on the ballot')),
                ('is_hidden', models.BooleanField(default=False, verbose_name='hidden')),
                ('idempotency_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('document', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='pole_french', weight='A'), '||', django.contrib.postgres.search.SearchVector('description', config='pole_french', weight='B'), django.contrib.postgres.search.SearchConfig('pole_french')), '||', django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title_en', config='pole_english', weight='A'), '||', django.contrib.postgres.search.SearchVector('description_en', config='pole_english', weight='B'), django.contrib.postgres.search.SearchConfig('pole_english')), django.contrib.postgres.search.SearchConfig('pole_french')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='recommendations', to=settings.AUTH_USER_MODEL)),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recommendations', to='forums.forum')),
                ('survivor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='forums.recommendation', verbose_name='merged into')),
                ('thread', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recommendation', to='comments.thread')),
            ],
            options={
                'verbose_name': 'recommendation',
                'verbose_name_plural': 'recommendations',
                'ordering': ['forum', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Option',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('is_copied', models.BooleanField(default=False)),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('description_en', models.TextField(blank=True, max_length=2000, verbose_name='description in English')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='options', to='forums.question')),
                ('recommendation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='options', to='forums.recommendation')),
            ],
            options={
                'verbose_name': 'option',
                'verbose_name_plural': 'options',
                'ordering': ['question', 'number'],
            },
        ),
        migrations.CreateModel(
            name='RecommendationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('proposed', 'proposed'), ('edited', 'reworded'), ('accepted', 'accepted'), ('refused', 'refused'), ('merged', 'merged'), ('unmerged', 'separated again'), ('gathered', 'joined by another'), ('released', 'left by another'), ('on_ballot', 'put on the ballot'), ('off_ballot', 'taken off the ballot'), ('hidden', 'hidden'), ('shown', 'shown again')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('before', models.JSONField(default=dict)),
                ('shows_before', models.BooleanField(default=True)),
                ('state_before', models.CharField(blank=True, max_length=10)),
                ('was_on_ballot', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('helper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='forums.dayteammember')),
                ('other', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='forums.recommendation')),
                ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='forums.recommendation')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Registration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('fr', 'Français'), ('en', 'English')], default='fr', max_length=2, verbose_name='language')),
                ('kind', models.CharField(choices=[('enterprise', 'Social economy enterprises'), ('citizen', 'Citizens'), ('partner', 'Partners'), ('collaborator', 'Collaborators'), ('other', 'Others')], default='citizen', max_length=14, verbose_name='you come as')),
                ('organisation', models.CharField(blank=True, max_length=140, verbose_name='organisation')),
                ('access_needs', models.CharField(blank=True, max_length=400, verbose_name='access needs')),
                ('state', models.CharField(choices=[('pending', 'to be confirmed by mail'), ('confirmed', 'confirmed'), ('waitlisted', 'on the waitlist'), ('cancelled', 'cancelled')], default='pending', max_length=10)),
                ('is_walk_in', models.BooleanField(default=False, verbose_name='walk-in')),
                ('consent_wording', models.CharField(blank=True, max_length=400)),
                ('consented_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('waitlisted_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('checked_in_at', models.DateTimeField(blank=True, null=True)),
                ('needs_erased_at', models.DateTimeField(blank=True, null=True)),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='registrations', to='forums.forum')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='registrations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'registration',
                'verbose_name_plural': 'registrations',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('to_confirm', 'Link that confirms a registration'), ('already', 'Registered already'), ('confirmation', 'Registration confirmed'), ('waitlisted', 'On the waitlist'), ('promotion', 'A place has come free'), ('reminder', 'Reminder, two days before'), ('cancelled', 'Registration cancelled'), ('postponed', 'Forum postponed'), ('called_off', 'Forum cancelled'), ('restored', 'Takes place after all'), ('vote_open', 'The vote is open'), ('results', 'Results published')], max_length=12)),
                ('about', models.CharField(blank=True, max_length=40)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='forums.registration')),
            ],
            options={
                'verbose_name': 'mail sent',
                'verbose_name_plural': 'mails sent',
            },
        ),
        migrations.CreateModel(
            name='Slip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('code_hash', models.CharField(max_length=64, unique=True)),
                ('activated_at', models.DateTimeField(blank=True, null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('voided_because', models.CharField(blank=True, choices=[('lost', 'lost'), ('spoiled', 'spoiled'), ('paper', 'votes on paper'), ('unused', 'printed anew')], max_length=8)),
                ('printed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='forums.forum')),
                ('registration', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='slips', to='forums.registration')),
            ],
            options={
                'verbose_name': 'voting slip',
                'verbose_name_plural': 'voting slips',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='RegistrationQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('label', models.CharField(max_length=160, verbose_name='question')),
                ('label_en', models.CharField(blank=True, max_length=160, verbose_name='question in English')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='forums.forum')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RegistrationAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='answer')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='forums.registration')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='forums.registrationquestion')),
            ],
        ),
        migrations.CreateModel(
            name='Results',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='published at')),
                ('heading', models.CharField(blank=True, help_text='One line under the title of the forum.', max_length=200, verbose_name='heading')),
                ('heading_en', models.CharField(blank=True, max_length=200, verbose_name='heading in English')),
                ('introduction', models.TextField(blank=True, verbose_name='introduction')),
                ('introduction_en', models.TextField(blank=True, verbose_name='introduction in English')),
                ('quotation', models.TextField(blank=True, max_length=1200, verbose_name='quotation')),
                ('quotation_en', models.TextField(blank=True, max_length=1200, verbose_name='quotation in English')),
                ('quotation_author', models.CharField(blank=True, max_length=120, verbose_name='who said it')),
                ('quotation_role', models.CharField(blank=True, max_length=160, verbose_name='role')),
                ('quotation_role_en', models.CharField(blank=True, max_length=160, verbose_name='role in English')),
                ('priorities_lead', models.TextField(blank=True, help_text='One sentence that leads to the list: who chose these priorities, and what for.', max_length=600, verbose_name='before the priorities')),
                ('priorities_lead_en', models.TextField(blank=True, max_length=600, verbose_name='before the priorities, in English')),
                ('next_steps', models.TextField(blank=True, verbose_name='next steps')),
                ('next_steps_en', models.TextField(blank=True, verbose_name='next steps in English')),
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s', to='desk.draft')),
                ('forum', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='forums.forum')),
                ('thread', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='comments.thread')),
            ],
            options={
                'verbose_name': 'results',
                'verbose_name_plural': 'results',
            },
        ),
        migrations.AddField(
            model_name='priority',
            name='results',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='priorities', to='forums.results'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='results',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dossiers', to='forums.results'),
        ),
        migrations.CreateModel(
            name='RoundSecret',
            fields=[
                ('round', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='secret', serialize=False, to='forums.round')),
                ('inner_block', models.BinaryField(max_length=64)),
                ('outer_block', models.BinaryField(max_length=64)),
                ('seed', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='SealedBox',
            fields=[
                ('round', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='box', serialize=False, to='forums.round')),
                ('text', models.TextField(blank=True)),
                ('receipts', models.JSONField(default=list)),
                ('outcome', models.JSONField()),
                ('reconciliation', models.JSONField()),
                ('sealed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'sealed box',
                'verbose_name_plural': 'sealed boxes',
            },
        ),
        migrations.AddField(
            model_name='round',
            name='forum',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='forums.forum'),
        ),
        migrations.CreateModel(
            name='RollEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email_hash', models.CharField(max_length=64, null=True)),
                ('kind', models.CharField(choices=[('enterprise', 'Social economy enterprises'), ('citizen', 'Citizens'), ('partner', 'Partners'), ('collaborator', 'Collaborators'), ('other', 'Others')], default='other', max_length=14)),
                ('is_late', models.BooleanField(default=False)),
                ('is_on_paper', models.BooleanField(default=False)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('voided_because', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('registration', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='roll_entries', to='forums.registration')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roll', to='forums.round')),
            ],
            options={
                'verbose_name': 'entry of the roll',
                'verbose_name_plural': 'roll',
            },
        ),
        migrations.AddField(
            model_name='results',
            name='rounds',
            field=models.ManyToManyField(blank=True, related_name='results', to='forums.round', verbose_name='votes'),
        ),
        migrations.AddField(
            model_name='question',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='forums.round'),
        ),
        migrations.AddField(
            model_name='paperballot',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='forums.round'),
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('voter_key', models.BinaryField(max_length=32)),
                ('choices', models.JSONField(default=dict)),
                ('is_withdrawn', models.BooleanField(default=False)),
                ('receipt_hash', models.CharField(blank=True, max_length=64)),
                ('idempotency_key_hashes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64))),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='forums.round')),
            ],
            options={
                'verbose_name': 'ballot',
                'verbose_name_plural': 'ballots',
            },
        ),
        migrations.CreateModel(
            name='RoundEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('opened', 'opened'), ('prolonged', 'extended'), ('closed', 'closed'), ('annulled', 'annulled'), ('sealed', 'sealed'), ('added', 'voter added'), ('voided', 'voter removed'), ('noted', 'paper noted late')], max_length=10)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='forums.round')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Track',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=160, verbose_name='title in English')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tracks', to='forums.forum')),
            ],
            options={
                'verbose_name': 'track',
                'verbose_name_plural': 'tracks',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='recommendation',
            name='track',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='forums.track', verbose_name='track'),
        ),
        migrations.AddField(
            model_name='question',
            name='track',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='forums.track', verbose_name='track'),
        ),
        migrations.AddField(
            model_name='priority',
            name='track',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='priorities', to='forums.track', verbose_name='track'),
        ),
        migrations.CreateModel(
            name='DossierEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sent', 'sent'), ('resent', 'sent again'), ('renewed', 'sent with a new link'), ('revoked', 'link revoked'), ('acknowledged', 'received'), ('answered', 'answered'), ('corrected', 'answer corrected'), ('confirmed', 'answer confirmed'), ('reopened', 'answer taken back for correction')], max_length=12)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('detail', models.CharField(blank=True, max_length=260)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='forums.dossier')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['sent', 'resent', 'renewed', 'revoked', 'acknowledged', 'answered', 'corrected', 'confirmed', 'reopened'])), name='dossier_event_known')],
            },
        ),
        migrations.CreateModel(
            name='DossierFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('media_type', models.CharField(max_length=100)),
                ('content', models.BinaryField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='forums.dossier')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('dossier', 'name'), name='dossier_file_name_unique')],
            },
        ),
        migrations.AddIndex(
            model_name='forum',
            index=django.contrib.postgres.indexes.GinIndex(fields=['document'], name='forum_document'),
        ),
        migrations.AddConstraint(
            model_name='forum',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='forum_ends_after_it_begins', violation_error_message='The forum must end after it begins.'),
        ),
        migrations.AddConstraint(
            model_name='forum',
            constraint=models.CheckConstraint(condition=models.Q(('registration_opens_at__isnull', True), ('registration_closes_at__isnull', True), ('registration_closes_at__gt', models.F('registration_opens_at')), _connector='OR'), name='forum_registration_closes_after_it_opens', violation_error_message='Registration must close after it opens.'),
        ),
        migrations.AddConstraint(
            model_name='forum',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__isnull', True), ('capacity__gte', 1), _connector='OR'), name='forum_capacity_positive', violation_error_message='A forum has at least one place.'),
        ),
        migrations.AddConstraint(
            model_name='dayteammember',
            constraint=models.UniqueConstraint(models.F('forum'), django.db.models.functions.text.Lower('name'), condition=models.Q(('revoked_at', None)), name='day_team_name_once', violation_error_message='Someone of this name is already in the day team.'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.UniqueConstraint(fields=('forum', 'kind'), name='attendance_once_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['enterprise', 'citizen', 'partner', 'collaborator', 'other'])), name='attendance_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='noticetext',
            constraint=models.UniqueConstraint(fields=('forum', 'kind', 'language'), name='notice_text_once'),
        ),
        migrations.AddConstraint(
            model_name='noticetext',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['to_confirm', 'already', 'confirmation', 'waitlisted', 'promotion', 'reminder', 'cancelled', 'postponed', 'called_off', 'restored', 'vote_open', 'results'])), name='notice_text_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='noticetext',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['fr', 'en'])), name='notice_text_language_known'),
        ),
        migrations.AddConstraint(
            model_name='papertyping',
            constraint=models.UniqueConstraint(fields=('paper', 'typist'), name='paper_typed_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='papertyping',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['typed', 'blank', 'rejected'])), name='paper_typing_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('dossier', 'priority'), name='answer_once_a_priority'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['accepted', 'in_progress', 'done', 'refused'])), name='answer_state_known'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='answer_refused_with_reason', violation_error_message='Say why it is refused.'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['fr', 'en'])), name='answer_language_known'),
        ),
        migrations.AddConstraint(
            model_name='option',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('question', 'number'), name='option_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='option',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='option_numbered_from_one'),
        ),
        migrations.AddConstraint(
            model_name='recommendationevent',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['proposed', 'edited', 'accepted', 'refused', 'merged', 'unmerged', 'gathered', 'released', 'on_ballot', 'off_ballot', 'hidden', 'shown'])), name='recommendation_event_known'),
        ),
        migrations.AddConstraint(
            model_name='recommendationevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action__in', ['merged', 'unmerged', 'gathered', 'released']), ('other__isnull', False)), models.Q(models.Q(('action__in', ['merged', 'unmerged', 'gathered', 'released']), _negated=True), ('other__isnull', True)), _connector='OR'), name='recommendation_event_ties_two'),
        ),
        migrations.AddConstraint(
            model_name='recommendationevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('action', 'merged'), _negated=True), ('state_before', '')), models.Q(('action', 'merged'), ('state_before__in', ['proposed', 'accepted'])), _connector='OR'), name='recommendation_event_keeps_state_before'),
        ),
        migrations.AddIndex(
            model_name='registration',
            index=models.Index(fields=['forum', 'state', 'waitlisted_at'], name='registration_in_line'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.UniqueConstraint(models.F('forum'), django.db.models.functions.text.Lower('email'), condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('state', 'cancelled'), _negated=True)), name='registration_once_an_address', violation_error_message='This address is already registered for this forum.'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', False), models.Q(('state', 'cancelled'), _negated=True)), fields=('forum', 'user'), name='registration_once_an_account'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'confirmed', 'waitlisted', 'cancelled'])), name='registration_state_known'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['enterprise', 'citizen', 'partner', 'collaborator', 'other'])), name='registration_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['fr', 'en'])), name='registration_language_known'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(('email', ''), ('email', django.db.models.functions.text.Lower('email')), _connector='OR'), name='registration_email_lower_case'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waitlisted'), _negated=True), ('waitlisted_at__isnull', False), _connector='OR'), name='registration_in_line_since_when'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(('checked_in_at__isnull', True), ('state', 'confirmed'), _connector='OR'), name='registration_checked_in_has_a_place'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('registration', 'kind', 'about'), name='notice_once'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['to_confirm', 'already', 'confirmation', 'waitlisted', 'promotion', 'reminder', 'cancelled', 'postponed', 'called_off', 'restored', 'vote_open', 'results'])), name='notice_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.UniqueConstraint(fields=('forum', 'number'), name='slip_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.UniqueConstraint(condition=models.Q(('registration__isnull', False), ('voided_at', None)), fields=('registration',), name='slip_one_active_a_person'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.CheckConstraint(condition=models.Q(('registration__isnull', True), ('activated_at__isnull', False), _connector='OR'), name='slip_activated_for_someone'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('voided_at__isnull', True), ('voided_because', '')), models.Q(('voided_at__isnull', False), ('voided_because__in', ['lost', 'spoiled', 'paper', 'unused'])), _connector='OR'), name='slip_voided_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='registrationquestion',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('forum', 'position'), name='registration_question_order_unique'),
        ),
        migrations.AddConstraint(
            model_name='registrationquestion',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 3)), name='registration_question_three_at_most'),
        ),
        migrations.AddConstraint(
            model_name='registrationanswer',
            constraint=models.UniqueConstraint(fields=('registration', 'question'), name='registration_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['fr', 'en'])), name='dossier_language_known'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(('organisation', ''), _negated=True), name='dossier_has_organisation', violation_error_message='Say to which organisation.'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='dossier_expires_after_it_is_made'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by', '')), models.Q(('acknowledged_at__isnull', False), models.Q(('acknowledged_by', ''), _negated=True)), _connector='OR'), name='dossier_acknowledged_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(fields=('forum', 'number'), name='round_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='round_closes_after_it_opens', violation_error_message='The vote must close after it opens.'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('annulled_at__isnull', True)), expressions=[('forum', '='), (models.Func('opens_at', 'closes_at', django.contrib.postgres.fields.ranges.RangeBoundary(), function='TSTZRANGE', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='round_of_one_forum_at_a_time', violation_error_message='Another vote of this forum takes place at the same time.'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('public__in', ['checked_in', 'registrants', 'accounts'])), name='round_public_known'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('reading__in', ['most_supported', 'balanced'])), name='round_reading_known'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('opened_at__isnull', False), models.Q(('annulled_at__isnull', True), ('closed_at__isnull', True), ('sealed_at__isnull', True)), _connector='OR'), name='round_opened_before_it_ends'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('opened_at__isnull', True), models.Q(models.Q(('seed_hash', ''), _negated=True), ('drawn_at__isnull', False)), _connector='OR'), name='round_open_commits_its_seed'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('seal', ''), ('sealed_at__isnull', True)), models.Q(('annulled_at__isnull', True), ('closed_at__isnull', False), models.Q(('seal', ''), _negated=True)), _connector='OR'), name='round_sealed_has_seal'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('annulled_at__isnull', True), models.Q(('annulled_because', ''), _negated=True), _connector='OR'), name='round_annulled_with_reason', violation_error_message='Say publicly why the vote is annulled.'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', False), ('voided_at', None)), fields=('round', 'user'), name='roll_once_by_user'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.UniqueConstraint(condition=models.Q(('registration__isnull', False), ('voided_at', None)), fields=('round', 'registration'), name='roll_once_by_registration'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.UniqueConstraint(condition=models.Q(('email_hash__isnull', False), ('voided_at', None)), fields=('round', 'email_hash'), name='roll_once_by_email_hash'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.CheckConstraint(condition=models.Q(('user__isnull', False), ('registration__isnull', False), ('email_hash__isnull', False), _connector='OR'), name='roll_entry_is_someone'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.CheckConstraint(condition=models.Q(('voided_at__isnull', True), models.Q(('voided_because', ''), _negated=True), _connector='OR'), name='roll_voided_with_reason', violation_error_message='Say why this person is taken off the roll.'),
        ),
        migrations.AddConstraint(
            model_name='paperballot',
            constraint=models.UniqueConstraint(fields=('round', 'serial'), name='paper_serial_unique'),
        ),
        migrations.AddConstraint(
            model_name='paperballot',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'typed', 'blank', 'rejected'])), name='paper_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.UniqueConstraint(fields=('round', 'voter_key'), name='ballot_once_a_voter'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_withdrawn', False), models.Q(('receipt_hash', ''), _negated=True)), models.Q(('choices', {}), ('is_withdrawn', True), ('receipt_hash', '')), _connector='OR'), name='ballot_withdrawn_is_empty'),
        ),
        migrations.AddConstraint(
            model_name='roundevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'prolonged', 'closed', 'annulled', 'sealed', 'added', 'voided', 'noted'])), name='round_event_known'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=django.contrib.postgres.indexes.GinIndex(fields=['document'], name='recommendation_document'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['issue', 'opportunity'])), name='recommendation_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'accepted', 'refused', 'merged'])), name='recommendation_state_known'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'merged'), ('survivor__isnull', False)), models.Q(models.Q(('state', 'merged'), _negated=True), ('survivor__isnull', True)), _connector='OR'), name='recommendation_merged_has_survivor'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('survivor', models.F('id')), _negated=True), name='recommendation_not_merged_into_itself'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('refusal_reason', ''), _negated=True), _connector='OR'), name='recommendation_refused_with_reason', violation_error_message='Say why the recommendation is refused.'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('is_on_ballot', False), models.Q(('is_hidden', False), ('state', 'accepted')), _connector='OR'), name='recommendation_on_ballot_accepted', violation_error_message='Only an accepted recommendation goes on the ballot.'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('is_person_named', False), models.Q(('author_name', ''), _negated=True), _connector='OR'), name='recommendation_person_named_has_name'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='recommendation_has_title'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('round', 'position'), name='question_order_unique'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('limit__gte', 1), ('method', 'approval'), ('points', None), ('points_each', None)), models.Q(('limit', None), ('method', 'points'), ('points__gte', 1), ('points_each__gte', 1), ('points_each__lte', models.F('points'))), _connector='OR'), name='question_limits_fit_its_method', violation_error_message='Give the limits of this method.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('to_retain__gte', 1)), name='question_retains_one_at_least'),
        ),
        migrations.AddIndex(
            model_name='priority',
            index=django.contrib.postgres.indexes.GinIndex(fields=['document'], name='priority_document'),
        ),
        migrations.AddConstraint(
            model_name='priority',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('results', 'position'), name='priority_position_unique'),
        ),
        migrations.AddConstraint(
            model_name='priority',
            constraint=models.UniqueConstraint(fields=('results', 'key'), name='priority_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='priority',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['retained', 'planned', 'in_progress', 'done', 'set_aside'])), name='priority_state_known'),
        ),
        migrations.AddConstraint(
            model_name='priority',
            constraint=models.CheckConstraint(condition=models.Q(('themes__len__lte', 2)), name='priority_has_few_themes', violation_error_message='Choose two themes at most.'),
        ),
    ]
