"""Addresses of the site before this one: where they lead, those that staff add, and those that lead nowhere yet."""
