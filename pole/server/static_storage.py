"""Static files in production: hashed names, cached for a year, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # ES modules import each other by name: the hashed names must follow.
    support_js_module_import_aggregation = True
