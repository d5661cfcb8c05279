"""Forums: the event, its results, and the priorities that were retained."""

from forums.models.event import Attendance, Forum, ParticipantKind, ProgrammeItem, Track
from forums.models.instants import next_instant
from forums.models.results import Priority, PriorityUpdate, Results, WorkingPriority

__all__ = [
    "Attendance",
    "Forum",
    "ParticipantKind",
    "Priority",
    "PriorityUpdate",
    "ProgrammeItem",
    "Results",
    "Track",
    "WorkingPriority",
    "next_instant",
]
