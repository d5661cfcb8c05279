import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from django.utils.module_loading import import_string

from pole.caching.kept_answers import around
from pole.server.behind_proxy import through_proxy
from pole.server.database import limits
from pole.server.request_bodies import in_turn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pole.settings")
application = around(get_wsgi_application())
if settings.PRODUCTION:
    application = through_proxy(application, settings.TRUSTED_PROXY_COUNT)
else:
    application = in_turn(application, settings.WEB_THREADS)
limits.serve_pages()
# Loads every view. What is loaded now is never garbage: no collection need look at it while a visitor waits.
resolve("/")
gc.collect()
gc.freeze()
# Its modules need the applications that are loaded now.
import_string("pole.search.index.make_in_background")()
