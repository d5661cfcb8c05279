import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pole.settings")
application = get_wsgi_application()
# Loads every view. What is loaded now is never garbage: no collection need look at it while a visitor waits.
resolve("/")
gc.collect()
gc.freeze()
