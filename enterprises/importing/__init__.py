"""Listings from a spreadsheet: read, cleaned, planned, then written in one transaction."""
