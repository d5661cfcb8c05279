"""Which documents answer, and in which order: whatever an index held before, and as a plain scorer says."""

from __future__ import annotations

import itertools
import math
import random
import time
from collections import defaultdict

import pytest

from pole.search import query_words
from pole.search.documents import AKIN, NAME, OFFER, STRENGTHS, TEXT, SearchDocument, all_of, term
from pole.search.index import SearchIndex
from pole.search.ranking import (
    COMMON_COUNT,
    COMMON_SHARE,
    KINDRED_WORTH,
    MAX_TERMS,
    SYNONYM_SHARE,
    WHOLE_NAME_WORTH,
    WORTHS,
    ask,
    keys_by_relevance,
)  # fmt: skip
from pole.search.stems import ACRONYM_LENGTHS, family, is_stop_word, stem, stems_of, telling
from pole.search.words import telling_words
from tests.search.indexes import SYNONYMS, everything

SCOPE = "enterprises"
VOCABULARY = [
    "ruche",
    "ruches",
    "miel",
    "boulangerie",
    "vélo",
    "vélos",
    "bicyclette",
    "coopérative",
    "coop",
    "garderie",
    "menuiserie",
    "honey",
    "bakery",
    "comptable",
    "comptabilité",
    "culture",
    "culturel",
    "santé",
    "centre",
    "action",
    "bénévole",
    "travail",
    "emploi",
    "aliments",
    "de",
    "l'anse",
    "2026",
    "petite",
    "enfance",
]
PLACES = (NAME, OFFER, TEXT, AKIN)
CORPORA, QUESTIONS = 12, 40


def random_document(rng: random.Random, key: int) -> SearchDocument:
    def some(most: int) -> str:
        return " ".join(rng.choices(VOCABULARY, k=rng.randint(1, most)))

    texts = [(NAME, "fr", some(3))]
    texts += [(rng.choice(PLACES), rng.choice(["fr", "fr", "en"]), some(5)) for _ in range(rng.randint(0, 4))]
    facets = tuple(f"sectors:{number}" for number in rng.sample(range(4), rng.randint(0, 3)))
    # Few orders: ties by key.
    return SearchDocument(
        key, rng.choice(["a", "b", "é", "zz"]), tuple(texts), facets=facets, names=(texts[0][2],)
    )


def random_words(rng: random.Random, most: int) -> str:
    return " ".join(rng.choices(VOCABULARY, k=rng.randint(1, most)))


class Corpus:
    """Documents that the index reads as from PostgreSQL."""

    def __init__(self, monkeypatch, settings) -> None:
        self.rows: dict[int, SearchDocument] = {}
        settings.SEARCH_SOURCES = {SCOPE: ("tests", ())}
        monkeypatch.setattr("pole.search.index.import_string", lambda _path: self.source)

    def source(self, keys, _now=None):
        found = self.rows if keys is None else [key for key in keys if key in self.rows]
        return iter([self.rows[key] for key in found])

    def index(self) -> SearchIndex:
        index = SearchIndex()
        index._replace(SCOPE, None, self.source(None))
        return index

    def edit(self, index: SearchIndex, rng: random.Random, next_key: int) -> None:
        keys = rng.sample(sorted(self.rows), min(len(self.rows), rng.randint(0, 4)))
        for key in keys:
            if rng.random() < 0.3:
                del self.rows[key]
            else:
                self.rows[key] = random_document(rng, key)
        if rng.random() < 0.5:
            self.rows[next_key] = random_document(rng, next_key)
            keys.append(next_key)
        index._replace(SCOPE, keys, self.source(keys))


@pytest.fixture
def corpus(monkeypatch, settings):
    return Corpus(monkeypatch, settings)


def test_long_history_changes_no_answer(corpus):
    rng = random.Random(4)
    corpus.rows = {key: random_document(rng, key) for key in range(1, 60)}
    index = corpus.index()
    for step in range(250):
        corpus.edit(index, rng, 1000 + step)
    assert index._state.searcher.num_segments > 1
    old, new = index._state, corpus.index()._state
    typed = [random_words(rng, 1 + number % 6) for number in range(40)] + ["boulangrie", "cab", "daycare"]
    # A word that only former documents had is the one thing that an index remembers: it corrects nothing.
    assert everything(old, SCOPE, typed) == everything(new, SCOPE, typed)
    for words in typed:
        for state in (old, new):
            question = ask(query_words(words), words, SYNONYMS, scope=SCOPE, language="fr", state=state)
            for among in (question.query, all_of([question.query, term("facet", "sectors:1")])):
                whole = keys_by_relevance(state, question, among, 0, 10_000)
                assert len(whole) == len(set(whole)) == state.count(among)
                pages = [
                    keys_by_relevance(state, question, among, start, 7)
                    for start in range(0, len(whole) + 7, 7)
                ]
                assert [key for page in pages for key in page] == whole


def strengths(document: SearchDocument) -> dict[str, int]:
    """Of each stem."""
    told = defaultdict(list)
    for place, language, text in document.texts:
        found = telling_words(text)
        if place == NAME:
            letters = "".join(word[0] for word in found if not is_stop_word(word, "fr") and word[0].isalpha())
            for length in ACRONYM_LENGTHS:
                if length <= len(letters):
                    told[letters[:length]].append(place)
        pairs = [first + second for first, second in itertools.pairwise(found)]
        for word in found + (pairs if place >= OFFER else []):
            told[stem(word, language)].append(place)
    strength = {}
    for each, tellings in told.items():
        whole = sum(t / n**2 for n, t in enumerate(sorted(tellings, reverse=True), 1))
        strength[each] = min(STRENGTHS, math.ceil(whole / 0.15 - 1e-9))
    return strength


def strongest(phrase: tuple[str, ...], found: dict[str, int], phrases: list[str]) -> int:
    """What a document is worth by a word, or by several that it has one after the other; 0 without them."""
    if len(phrase) == 1:
        return max((WORTHS[found[each] - 1] for each in stems_of(phrase[0]) if each in found), default=0)
    worths = [0]
    for language in ("fr", "en"):
        told = telling(phrase, language)
        is_there = len(told) == 1 or any(f" {' '.join(told)} " in each for each in phrases)
        if told and is_there and told[-1] in found:
            worths.append(WORTHS[found[told[-1]] - 1])
    return max(worths)


def plain_order(documents: dict[int, SearchDocument], typed: str) -> list[int]:
    """By adding up, document by document, what each word is worth."""
    words = query_words(typed)
    strength_of = {key: strengths(document) for key, document in documents.items()}
    families = {
        key: {family(word) for place, _, text in d.texts if place == NAME for word in telling_words(text)} - {""}
        for key, d in documents.items()
    }  # fmt: skip

    phrases_of = {
        key: [f" {' '.join(telling(telling_words(text), lang))} " for at, lang, text in d.texts if at >= OFFER]
        for key, d in documents.items()
    }  # fmt: skip

    def rarity(count):
        return math.log(1 + len(documents) / count)

    def told(own, others):
        """What a document is worth by this word or these, or by what they are called otherwise."""
        root = family(own[0]) if len(own) == 1 else ""
        best = {}
        for key, found in strength_of.items():
            worths = [0.0]
            for share, phrase in ((1.0, own), *((SYNONYM_SHARE, each) for each in others)):
                worth = strongest(phrase, found, phrases_of[key])
                if worth:
                    akin = KINDRED_WORTH if share == 1.0 and root and root in families[key] else 0
                    worths.append(share * worth + akin)
            if max(worths):
                best[key] = max(worths)
        return {key: round(worth * rarity(len(best))) for key, worth in best.items()}

    alternatives = SYNONYMS.alternatives(words)
    asked = [word for word in words if not is_stop_word(word, "fr")]
    terms = []
    for place, word in enumerate(words):
        if word in asked:
            others = [each.terms for each in alternatives if (each.start, each.end) == (place, place + 1)]
            terms.append(told((word,), [phrase for each in others for phrase in each]))
    terms += [told(tuple(words[e.start : e.end]), e.terms) for e in alternatives if e.end - e.start > 1]
    terms = [each for each in terms if each]
    terms = sorted(terms, key=len)[:MAX_TERMS]
    common = max(COMMON_COUNT, COMMON_SHARE * len(documents))
    answering = {key for each in [*terms[:1], *(t for t in terms[1:] if len(t) <= common)] for key in each}
    whole = {
        key for key, d in documents.items() if any(query_words(name) == words for name in d.names) and words
    }
    scored = {}
    for key in answering | whole:
        scored[key] = sum(each.get(key, 0) for each in terms)
        scored[key] += WHOLE_NAME_WORTH if key in whole else 0
    return sorted(scored, key=lambda key: (-scored[key], documents[key].order, key))


@pytest.mark.parametrize(("most", "seed"), [(most, seed) for most in (1, 3, 8) for seed in range(CORPORA)])
def test_order_is_that_of_a_plain_scorer(corpus, most, seed):
    rng = random.Random(1000 * most + seed)
    corpus.rows = {key: random_document(rng, key) for key in range(1, rng.choice([12, 40]))}
    state = corpus.index()._state
    for _ in range(QUESTIONS):
        typed = random_words(rng, most)
        question = ask(query_words(typed), typed, SYNONYMS, scope=SCOPE, language="fr", state=state)
        # A word that none has may be a slip: another test's.
        if not question.mistyped:
            keys = keys_by_relevance(state, question, question.query, 0, 1000)
            assert keys == plain_order(corpus.rows, typed), typed


def test_many_words_take_no_time(corpus):
    rng = random.Random(5)
    corpus.rows = {key: random_document(rng, key) for key in range(1, 500)}
    state = corpus.index()._state
    typed = (
        "velo ruches boulangerie honey menuiserie garderie comptable culture sante benevole travail aliments"
    )
    began = time.process_time()
    question = ask(query_words(typed), typed, SYNONYMS, scope=SCOPE, language="fr", state=state)
    assert len(keys_by_relevance(state, question, question.query, 0, 20)) == 20
    assert time.process_time() - began < 1


def test_word_that_only_former_documents_had_changes_nothing(corpus):
    """Neither as a correction nor as two short words written as one."""
    rng = random.Random(6)
    corpus.rows = {key: random_document(rng, key) for key in range(1, 10)}
    former = SearchDocument(50, "a", ((NAME, "fr", "zircon abcd"),))
    corpus.rows[50] = former
    index = corpus.index()
    corpus.rows[50] = SearchDocument(50, "a", ((NAME, "fr", "ruche"), (TEXT, "fr", "ab cd")))
    index._replace(SCOPE, [50], corpus.source([50]))
    typed = ["zirkon", "ab cd", "ab cd ruche", "abcd"]
    assert everything(index._state, SCOPE, typed) == everything(corpus.index()._state, SCOPE, typed)


def test_pages_of_equals_hold_each_once(corpus):
    """More equals than a page, of words that are worth something in very many ways."""
    rng = random.Random(7)
    texts = ((NAME, "fr", "ruche boulangerie vélo"), (OFFER, "fr", "coopérative garderie honey comptable"))
    corpus.rows = {key: SearchDocument(key, rng.choice("abc"), texts) for key in range(1, 301)}
    corpus.rows |= {key: random_document(rng, key) for key in range(301, 400)}
    state = corpus.index()._state
    typed = "velo ruches boulangerie honey garderie coop comptable"
    question = ask(query_words(typed), typed, SYNONYMS, scope=SCOPE, language="fr", state=state)
    count = state.count(question.query)
    whole = plain_order(corpus.rows, typed)
    assert count == len(whole) > 300
    pages = [keys_by_relevance(state, question, question.query, start, 13) for start in range(0, count, 13)]
    assert [key for page in pages for key in page] == whole
