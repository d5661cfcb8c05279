"""Argon2 with parameters for a small server."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """OWASP's second choice of parameters: 19 MiB a hash, since Django's 100 MiB would let a few
    sign-ins at once exhaust a 2 GB server."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
