"""The database beyond its version: how large, how busy, and who has a copy."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pole.hooks.diagnostics import DiagnosticWarning, Said, Sentence, check
from pole.text.amounts import size, span

MOST_CONNECTIONS = 0.8
LONG_TRANSACTION = timedelta(minutes=10)
LATE_REPLICA = timedelta(minutes=1)


@check(_("Size of the database"), is_kept=True)
def check_size() -> Sentence:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return Said("%(size)s.", size=size(cursor.fetchone()[0]))


@check(_("Connections"))
def check_connections() -> Sentence:
    """Those of people and programs; a backup is a long transaction, and means to be one."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Counted where any role may: of others' sessions, the view of activity tells most roles nothing.
            "SELECT (SELECT sum(numbackends)::int FROM pg_stat_database), current_setting('max_connections')::int,"
            " max(clock_timestamp() - xact_start) FILTER (WHERE datname = current_database()"
            "  AND application_name NOT IN ('pg_dump', 'pg_restore'))"
            " FROM pg_stat_activity"
        )
        used, most, longest = cursor.fetchone()
    counted = Said(_("%(used)d of %(most)d connections."), used=used, most=most)
    if used > MOST_CONNECTIONS * most:
        raise DiagnosticWarning(
            counted, to_do=_("See what else uses this server, or raise max_connections in PostgreSQL.")
        )
    if longest and longest > LONG_TRANSACTION:
        raise DiagnosticWarning(
            Said(
                _("A transaction has been going on for %(span)s: it may hold others up."), span=span(longest)
            ),
            to_do=_("Find what began it, and end it if nobody waits for it."),
            command="SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start",
        )
    return Said(
        _("%(counted)s Longest transaction: %(span)s."), counted=counted, span=span(longest or timedelta())
    )


@check(_("Replicas"))
def check_replicas() -> Sentence:
    """A base backup under way is no replica; the delay of one is seen by a role that may (`pg_monitor`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(nullif(application_name, ''), client_addr::text, '?'), state,"
            " coalesce(replay_lag, interval '0') FROM pg_stat_replication"
            " WHERE state IS DISTINCT FROM 'backup' ORDER BY 1 LIMIT 20"
        )
        replicas = cursor.fetchall()
        cursor.execute("SELECT slot_name FROM pg_replication_slots WHERE NOT active ORDER BY 1 LIMIT 20")
        idle = [name for (name,) in cursor.fetchall()]
    if idle:
        raise DiagnosticWarning(
            Said(
                _("Nobody reads these replication slots: %(names)s; the database keeps all that they lack."),
                names=", ".join(idle),
            ),
            to_do=_("Start the replica again, or drop the slot before it fills the disk."),
            command="SELECT pg_drop_replication_slot('…')",
        )
    if not replicas:
        return _("None: what is lost with this server comes back from a backup.")
    if late := [
        name for name, state, lag in replicas if lag > LATE_REPLICA or state not in (None, "streaming")
    ]:
        raise DiagnosticWarning(
            Said(_("Late, or not following: %(names)s."), names=", ".join(late)),
            to_do=_("See the network between the servers, and the log of the replica."),
        )
    if any(state is None for _name, state, _lag in replicas):
        counted = ngettext_lazy("%(count)d replica", "%(count)d replicas", "count")
        return Said(
            _("%(replicas)s; how late is hidden from this role."), replicas=Said(counted, count=len(replicas))
        )
    lags = "; ".join(f"{name} {lag.total_seconds():.1f} s" for name, _state, lag in replicas)
    return Said(_("Delay of each: %(lags)s."), lags=lags)
