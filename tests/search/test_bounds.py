"""The index of thousands of documents stays small and quick, however often it is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Measured, eight at once on two cores: 67 to 125 MB, with what the allocator keeps of merges, and 1 to 7 segments of 201.
MAX_GROWTH_MB, MAX_SEGMENTS = 220, 20
# Processor seconds, on a busy machine; measured 3 and 6.
MAX_MAKING_SECONDS, MAX_EDITING_SECONDS = 20, 30

PROGRAM = """
import gc, json, os, random, resource, sys, time
import django
django.setup()
from pole.search.documents import NAME, OFFER, TEXT, SearchDocument, term
from pole.search.index import SearchIndex

rng = random.Random(3)
words = ["".join(rng.choices("abcdefghijklmnoprstuv", k=rng.randint(3, 11))) for _ in range(6000)]

def some(count):
    return " ".join(words[min(int(rng.expovariate(1 / 700)), 5999)] for _ in range(count))

def document(key):
    texts = ((NAME, "fr", some(4)), (OFFER, "fr", some(25)), (OFFER, "en", some(10)), (TEXT, "fr", some(120)))
    facets = (f"mrcs:{key % 7}", f"sectors:{key % 31}", f"municipalities:{key % 90}")
    return SearchDocument(key, some(2), texts, facets=facets, identifiers=(f"450 555-{key:04d}", f"info{key}@exemple.example"), names=(some(3),))

def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

before, began = resident(), time.process_time()
index = SearchIndex()
index._replace("enterprises", None, (document(key) for key in range(1, 2001)))
made = time.process_time()
for edit in range(200):
    keys = rng.sample(range(1, 2001), rng.choice([1, 1, 1, 5]))
    index._replace("enterprises", keys, (document(key) for key in keys))
edited = time.process_time()
count, total = index._state.count(term("scope", "enterprises")), index._state.totals["enterprises"]
# The threads that merge segments may be late, on a busy machine: of a state, none goes.
index._state = None
index._writer.wait_merging_threads()
index._index.reload()
print(json.dumps({
    "growth": resident() - before, "making": made - began, "editing": edited - made,
    "segments": index._index.searcher().num_segments, "count": count, "total": total,
}))
"""


@pytest.mark.any_hour("a program of its own")
def test_long_life_stays_small():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    measured = json.loads(done.stdout)
    assert measured["count"] == measured["total"] == 2000
    assert measured["segments"] <= MAX_SEGMENTS, measured
    assert measured["growth"] < MAX_GROWTH_MB, measured
    assert measured["making"] < MAX_MAKING_SECONDS, measured
    assert measured["editing"] < MAX_EDITING_SECONDS, measured
