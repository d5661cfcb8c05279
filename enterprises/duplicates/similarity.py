"""Listings that may be one enterprise: what the rest of the portal asks."""

from __future__ import annotations

from enterprises.duplicates.candidates import Candidate, Territory
from enterprises.duplicates.evidence import EVIDENCE, evidence_of, likeness
from enterprises.duplicates.index import CandidateIndex
from enterprises.duplicates.words import WORDS, name_match_key, words_of_name

__all__ = [
    "EVIDENCE",
    "WORDS",
    "Candidate",
    "CandidateIndex",
    "Territory",
    "evidence_of",
    "likeness",
    "name_match_key",
    "words_of_name",
]
