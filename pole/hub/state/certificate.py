"""The certificate that visitors are shown: the portal asks for it by its own name, as a browser does."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, NotKnown, Said, Sentence, check
from pole.server.in_time import TookTooLong, in_time
from pole.text.amounts import span

# Of the whole question: the name, the connection, what is said over it.
SECONDS = 8
# Of what lives for three months, one that nothing renewed a week before its end, or three; of what lives for a week or
# two, in proportion.
SOON, ALMOST = timedelta(days=21), timedelta(days=7)
RENEW = "certbot renew"


@check(_("Certificate"), is_kept=True)
def check_certificate() -> Sentence:
    address = urlsplit(settings.BASE_URL)
    if address.scheme != "https" or not address.hostname:
        raise DiagnosticWarning(
            Said(_("The portal is at %(address)s, without encryption."), address=settings.BASE_URL),
            to_do=_("On a real server, give it a certificate, and an https address in BASE_URL."),
        )
    try:
        # Neither a resolver nor a server that says one byte a second ends by itself.
        ask = partial(_asked, address.hostname, address.port or 443)
        begins, ends = in_time(f"certificate of {address.netloc}", ask, seconds=SECONDS)
    except ssl.SSLCertVerificationError as error:
        raise DiagnosticError(
            Said(
                _("Browsers refuse the certificate of %(host)s: %(reason)s."),
                host=address.hostname,
                reason=error.verify_message,
            ),
            to_do=_("Renew or replace the certificate, then have nginx read it."),
            command=f"{RENEW} && systemctl reload nginx",
        ) from error
    except (OSError, ValueError, TookTooLong) as error:
        raise NotKnown(
            Said(
                _("Asked from the server itself, %(host)s does not answer (%(error)s)."),
                host=address.hostname,
                error=error,
            ),
            to_do=_("If visitors reach the portal, nothing is wrong: look at the certificate in a browser."),
        ) from error
    return _verdict(ends - timezone.now(), ends - begins)


def _verdict(left: timedelta, life: timedelta) -> Sentence:
    fact = Said(_("The certificate is good for %(span)s more."), span=span(left))
    to_do = _("See why it is not renewed by itself, and renew it.")
    if left < min(ALMOST, life / 8):
        raise DiagnosticError(fact, to_do=to_do, command=RENEW)
    if left < min(SOON, life / 4):
        raise DiagnosticWarning(fact, to_do=to_do, command=RENEW)
    return fact


def _asked(name: str, port: int) -> tuple[datetime, datetime]:
    """From when to when it is good. Raises OSError, of which `ssl.SSLCertVerificationError` when browsers refuse it."""
    try:
        return _shown(name, name, port)
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, ValueError):
        # Behind some routers, a server does not reach itself by its public name.
        try:
            return _shown("127.0.0.1", name, port)
        except ssl.SSLCertVerificationError:
            raise
        except (OSError, ValueError):
            pass
        raise


def _shown(host: str, name: str, port: int) -> tuple[datetime, datetime]:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=SECONDS / 2) as connected,
        context.wrap_socket(connected, server_hostname=name) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return _moment(certificate["notBefore"]), _moment(certificate["notAfter"])  # type: ignore[arg-type]  # text, by its name


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
