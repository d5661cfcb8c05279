"""Static files in production: hashed names, cached for a year, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

from pole.files.whole import WholeFilesMixin


class PortalStaticFilesStorage(WholeFilesMixin, CompressedManifestStaticFilesStorage):
    """Written whole: half a file would be kept by each later `collectstatic`, which finds it there and newer."""

    # ES modules import each other by name: the hashed names must follow.
    support_js_module_import_aggregation = True

    def delete(self, name: str) -> None:
        """But not the manifest, which is replaced at once: without it no page has its style."""
        if name != self.manifest_name:
            super().delete(name)
