"""Bringing a WordPress site in: reading its export, turning its prose into ours, writing what is missing."""
