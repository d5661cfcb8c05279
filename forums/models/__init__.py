"""Forums: the event, who comes, what they recommend, how they vote, and what was retained."""

from forums.models.agenda import ActivityProposal, Season
from forums.models.ballot import Ballot, PaperBallot, PaperTyping, RollEntry, Slip
from forums.models.dossier import Answer, Dossier, DossierEvent, DossierFile
from forums.models.event import Attendance, Forum, ParticipantKind, ProgrammeItem, Track
from forums.models.kinds import Kind, Level, Mode, SpokenLanguage
from forums.models.notice import Notice, NoticeKind, NoticeText
from forums.models.priority import Priority, PriorityUpdate, WorkingPriority
from forums.models.rate_limit import RateLimitCounter
from forums.models.recommendation import Recommendation, RecommendationEvent
from forums.models.registration import (
    DayTeamMember,
    Registration,
    RegistrationAnswer,
    RegistrationQuestion,
)
from forums.models.results import Results
from forums.models.round import (
    MANY_OPTIONS,
    Option,
    Question,
    Round,
    RoundEvent,
    RoundSecret,
    SealedBox,
)
from forums.models.round_key import KeyCopy
from forums.models.session import Session, SessionAttendance, SessionChoice

__all__ = [
    "MANY_OPTIONS",
    "ActivityProposal",
    "Answer",
    "Attendance",
    "Ballot",
    "DayTeamMember",
    "Dossier",
    "DossierEvent",
    "DossierFile",
    "Forum",
    "KeyCopy",
    "Kind",
    "Level",
    "Mode",
    "Notice",
    "NoticeKind",
    "NoticeText",
    "Option",
    "PaperBallot",
    "PaperTyping",
    "ParticipantKind",
    "Priority",
    "PriorityUpdate",
    "ProgrammeItem",
    "Question",
    "RateLimitCounter",
    "Recommendation",
    "RecommendationEvent",
    "Registration",
    "RegistrationAnswer",
    "RegistrationQuestion",
    "Results",
    "RollEntry",
    "Round",
    "RoundEvent",
    "RoundSecret",
    "SealedBox",
    "Season",
    "Session",
    "SessionAttendance",
    "SessionChoice",
    "Slip",
    "SpokenLanguage",
    "Track",
    "WorkingPriority",
]
