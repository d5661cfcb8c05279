"""Formats of the portal's two languages, found by Django through `FORMAT_MODULE_PATH`."""
