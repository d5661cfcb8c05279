"""Listings from a spreadsheet: read, understood, tried, then written all at once or not at all."""
