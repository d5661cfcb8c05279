"""What goes out, and what it is made of: the audit of the lock files, licences, the bill of materials, the archive.

Nothing here runs on a server: `make audit`, `make licences` and `make release` do.
"""
