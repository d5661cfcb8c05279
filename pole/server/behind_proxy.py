"""Production answers through its proxy alone, which alone holds slow clients off and says where a request comes from."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pole.server.request_bodies import Application, Environ, StartResponse, start_plain

# What supervisors ask for from the machine itself.
PROBES = ("/healthz", "/readyz")
REFUSAL = (
    "Cette adresse est celle du serveur d’application : il ne répond qu’à travers un serveur mandataire (nginx),"
    " et cette requête n’est pas passée par lui (pas d’en-tête X-Forwarded-For). Voir docs/operating.md.\n"
    "This is the application server: it answers through a proxy (nginx) alone, and this request did not come"
    " through it (no X-Forwarded-For header). See docs/operating.md.\n"
)
# Counted with the other refused requests: pole.server.logs.
log = logging.getLogger("django.security.WithoutProxy")


def through_proxy(application: Application, proxies: int) -> Application:
    """The application, for requests that have passed through so many proxies."""

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        passed = [part for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        is_probe = environ.get("PATH_INFO") in PROBES and environ.get("REQUEST_METHOD") in {"GET", "HEAD"}
        if len(passed) >= proxies or is_probe:
            return application(environ, start_response)
        log.warning("A request that came without the proxy was refused")
        start_plain(start_response, "421 Misdirected Request", REFUSAL)
        return [REFUSAL.encode()]

    return guarded
