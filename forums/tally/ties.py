"""The lottery that separates equals. Nobody can aim at its outcome.

Its seed is drawn at opening, when only the seed's hash is published, so that it cannot be chosen once the
ballots are known; the digest of the ballots is part of each draw, so that a seed tells nothing before they are.
Fixed in advance and recountable by anyone, as in RFC 3797 (Eastlake, 2004).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forums.tally.canonical import digest, dump

RULE = "sha256-seed-ballots-option/1"
RULE_WITH_TELLERS = "sha256-seed-tellers-ballots-option/1"
# Part of every box, so of every seal: it is never translated, and never changed without a new RULE.
RULE_IN_WORDS = (
    "À égalité, l’ordre est celui d’un tirage au sort que chacun peut refaire\u00a0: pour chaque option, on prend "
    "l’empreinte SHA-256 du texte «\u00a0graine:bulletins:question.option\u00a0», et la plus petite empreinte passe "
    "devant. «\u00a0graine\u00a0» est celle de l’urne, en hexadécimal; «\u00a0bulletins\u00a0», l’empreinte SHA-256 de la "
    "liste des bulletins de la question, telle que l’urne l’écrit; «\u00a0question\u00a0» et «\u00a0option\u00a0», leurs "
    "numéros."
)
# Of RULE_WITH_TELLERS: never changed either.
PART_IN_WORDS = (
    " Les scrutateurs ont ajouté leur part à la graine\u00a0: «\u00a0graine\u00a0» est alors l’empreinte SHA-256 du "
    "texte «\u00a0graine:part\u00a0», fait de la graine de l’urne et de leur part."
)


def seed_hash(seed: str) -> str:
    """What is published at opening: SHA-256 of the seed's hexadecimal digits, as text."""
    return digest(seed)


def seed_of_draw(seed: str, part: str | None) -> str:
    """The seed that draws: the box's own, or, once tellers added their part, the hash of both.

    The seed was committed before the ballots, the part is given once they are all in: whoever knows or chose the
    one could not know the other.
    """
    return seed if part is None else digest(f"{seed}:{part}")


def ballots_digest(ballots: Sequence[object]) -> str:
    """SHA-256, in hexadecimal, of the ballots of one question as the box writes them."""
    return digest(dump(ballots))


def lottery(seed: str, ballots: str, question: int, options: Iterable[int]) -> tuple[int, ...]:
    """The options in the order that separates them wherever they are equal: the first one wins.

    `seed` is that of `seed_of_draw`; `ballots` is their digest; `question` its position. Each draw depends on its own option only, so that
    taking an option away never changes the order of the others.
    """
    return tuple(sorted(options, key=lambda option: digest(f"{seed}:{ballots}:{question}.{option}")))
