"""The state of the portal, for `manage.py diagnostic` and the page « État »: one source, two renderings."""
