"""Which listings may be one enterprise, whatever is written in them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enterprises.duplicates.index import MOST_COMPARED
from enterprises.duplicates.similarity import (
    EVIDENCE,
    Candidate,
    CandidateIndex,
    Territory,
    evidence_of,
    likeness,
    name_match_key,
)
from enterprises.ownership.email_domains import own_domain, own_domain_of_email

TERRITORY = Territory(
    frozenset({"rivage", "coteau", "anse"}),
    {"1": frozenset({"2"}), "2": frozenset({"1"})},
    {"1": frozenset({"rivage"}), "2": frozenset({"coteau"}), "3": frozenset({"anse"})},
)
HERE = Candidate(1, "", municipality="1")

# What files really hold, and all of Unicode.
NAMES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [
                "Coop",
                "CAB",
                "CPE",
                "inc.",
                "(Le)",
                "L’Étal",
                "Centre",
                "d’action",
                "bénévole",
                "Phase",
                "2",
                "II",
                "Rivage",
                "«",
                "»",
                "—",
                "\ufffd",
                "?",
                "9123-4567",
                "Québec",
                "/",
                ",",
                "S.E.N.C.",
                "&",
                "Fondation",
            ]
        ),
        min_size=1,
        max_size=7,
    ).map(" ".join),
)
TOWNS = st.sampled_from(["", "1", "2", "3"])
CANDIDATES = st.builds(
    Candidate, st.integers(1, 9), NAMES, st.sampled_from(["", "", "1190000001", "1190000019"]), st.sampled_from(["", "a.example", "b.example"]),
    st.sampled_from(["", "+14505550100", "+14505550101"]), TOWNS, st.lists(NAMES, max_size=2).map(tuple),
    st.sampled_from(["", "nous@a.example", "eux@gmail.com"]), st.sampled_from(["", "12, rue du Quai", "12 RUE DU QUAI app. 3"]),
    st.sampled_from(["", "J6N 1L7", "J0S 1Y0"]), st.sampled_from([None, None, 1, 2]),
)  # fmt: skip


@given(CANDIDATES, CANDIDATES)
@example(Candidate(1, "Coop\0\ufffd\ufffd?"), Candidate(2, "\U0001f600"))
def test_both_ways_say_the_same(one, other):
    said = likeness(one, other, TERRITORY)
    assert said == likeness(other, one, TERRITORY)
    assert 0 <= said <= 1
    found = evidence_of(one, other, TERRITORY)
    assert found == evidence_of(other, one, TERRITORY)
    assert set(found) <= set(EVIDENCE)


@given(CANDIDATES)
def test_an_enterprise_is_like_itself(one):
    one = replace(one, key=3)
    assert likeness(one, replace(one, key=4), TERRITORY) == pytest.approx(1)


@given(CANDIDATES, CANDIDATES)
def test_two_numbers_are_two_enterprises(one, other):
    one, other = replace(one, neq="1190000001"), replace(other, neq="1190000019")
    assert likeness(one, other, TERRITORY) == 0
    assert likeness(one, replace(other, neq=one.neq), TERRITORY) == 1


@given(st.lists(CANDIDATES, max_size=9), CANDIDATES, st.randoms(use_true_random=False))
def test_order_of_candidates_changes_nothing(candidates, asked, rng):
    candidates = [replace(each, key=key) for key, each in enumerate(candidates, start=1)]
    asked = replace(asked, key=0, parent=None)
    before = CandidateIndex(candidates, TERRITORY).matches(asked)
    rng.shuffle(candidates)
    assert CandidateIndex(candidates, TERRITORY).matches(asked) == before
    assert all(each.key != 0 for each, _value in before)


@pytest.mark.parametrize(
    "name", ["Le Grelot bleu", "CAB L’Écluse", "Café-rencontre Le Vieux Four", "9123-4567 Québec inc."]
)
@pytest.mark.parametrize(
    "written",
    [str.upper, str.lower, "{}, inc.".format, "Coop {}".format, "« {} »".format, "{} OBNL".format, "  {}  ".format,
     lambda name: name.replace("é", "e\u0301"), lambda name: name.replace("’", "'"),
     lambda name: name.replace("é", "\ufffd"), lambda name: name.replace("é", "?"),
     lambda name: name.encode().decode("cp1252", errors="replace")],
)  # fmt: skip
def test_case_accents_and_legal_words_change_nothing(name, written):
    one, other = replace(HERE, name=name), replace(HERE, key=2, name=written(name))
    assert likeness(one, other, TERRITORY) > 0, other.name
    assert CandidateIndex([one], TERRITORY).matches(other)


# --- What they share ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "is_asked", "evidence"),
    [
        ({"domain": "site.example", "postal_code": "J0S 1E0"}, True, ("domain", "postal_code")),
        ({"domain": "site.example", "street": "2100, route 9", "postal_code": "J0S 1E0"}, True, ("domain", "address")),
        ({"phone": "+14505550150", "email": "a@gmail.com", "postal_code": "J0S 1E0"}, True, ("email", "phone", "postal_code")),
        ({"email": "info@site.example", "domain": "site.example"}, True, ("domain", "email")),
        ({"street": "2100, route 9", "postal_code": "J0S 1E0"}, False, ("address",)),
        ({"phone": "+14505550150", "street": "2100, route 9", "postal_code": "J0S 1E0"}, False, ("phone", "address")),
        ({"phone": "+14505550150"}, False, ("phone",)),
        ({"email": "a@gmail.com"}, False, ("email",)),
        ({"postal_code": "J0S 1E0"}, False, ("postal_code",)),
        ({}, False, ()),
    ],
)  # fmt: skip
def test_another_name_is_asked_when_enough_is_the_same(facts, is_asked, evidence):
    one, other = replace(HERE, name="Sapinière", **facts), replace(HERE, key=2, name="Le Bec fin", **facts)
    assert (likeness(one, other, TERRITORY) > 0) is is_asked
    assert evidence_of(one, other, TERRITORY) == evidence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fondation du Bec fin", "Le Bec fin"),
        ("Le Bec fin phase 1", "Le Bec fin phase 2"),
        ("9123-4567 Québec inc.", "9123-4576 Québec inc."),
        ("Les Amis du Musée Corail", "Musée Corail"),
    ],
)
def test_some_names_are_two_bodies_whatever_they_share(one, other):
    facts = {
        "phone": "+14505550150",
        "email": "a@gmail.com",
        "domain": "site.example",
        "street": "1, rue du Quai",
        "postal_code": "J0S 1E0",
    }
    assert (
        likeness(replace(HERE, name=one, **facts), replace(HERE, key=2, name=other, **facts), TERRITORY) == 0
    )


def test_a_branch_is_not_its_parent_nor_another_branch():
    parent = replace(
        HERE, key=5, name="Caisse Corail", neq="1190000001", phone="+14505550150", domain="corail.example"
    )
    branch = replace(parent, key=6, neq="", name="Caisse Corail, comptoir du Rivage", parent=5)
    sibling = replace(branch, key=7, name="Caisse Corail, comptoir du Coteau", municipality="2")
    for one, other in ((parent, branch), (branch, parent), (branch, sibling), (sibling, branch)):
        assert likeness(one, other, TERRITORY) == 0
    assert likeness(branch, replace(branch, key=8), TERRITORY) > 0


def test_branches_of_a_caisse_bear_one_name():
    one = replace(HERE, name="Caisse populaire Corail", phone="+14505550150", postal_code="J6N 1L7")
    assert likeness(one, replace(one, key=2), TERRITORY) > 0
    assert likeness(one, replace(one, key=2, municipality="2"), TERRITORY) == 0
    assert likeness(one, replace(one, key=2, postal_code="J6N 3K9"), TERRITORY) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_asked"),
    [
        ("Jardin Bio Santé", "Jardins BioSanté", True),
        ("A-B-C Vélo", "ABC Vélo", True),
        ("A-B-C Vélo", "Vélo", False),
        ("Banque nationale Première", "Banque nationale", False),
        ("Studio Fusain", "Studio Fuseau", False),
        ("Station Nord", "Station Sud", False),
        ("ООО «Ромашка»", "Ромашка", True),
        ("ООО Ромашка", "ООО Василёк", False),
    ],
)
def test_names_that_other_programs_took_for_one_or_two(one, other, is_asked):
    """After public reports: a metric of letters, a common word, initials that were dropped."""
    assert (likeness(replace(HERE, name=one), replace(HERE, key=2, name=other), TERRITORY) > 0) is is_asked


def test_one_address_far_away_is_asked_with_a_word_of_the_name():
    one = replace(HERE, name="Groupe « Les Voisines du Pré »", email="voisines@gmail.com")
    far = replace(HERE, key=2, name="Nouvelle voisine", email="voisines@gmail.com", municipality="3")
    assert likeness(one, far, TERRITORY) > 0
    assert likeness(one, replace(far, name="Le Bec fin"), TERRITORY) == 0
    assert likeness(one, replace(far, email=""), TERRITORY) == 0


@pytest.mark.parametrize("kind", ["phone", "domain", "email"])
def test_what_many_share_proves_nothing(kind):
    """Bodies of one building, or members of one network: names alone tell them apart."""
    shared = {"phone": "+14505550150", "domain": "reseau.example", "email": "nous@reseau.example"}[kind]
    facts = {kind: shared, "postal_code": "J0S 1E0"}
    names = ["Grelot", "Sapinière", "Bec fin", "Corail"]
    known = [replace(HERE, key=key, name=name, **facts) for key, name in enumerate(names, start=1)]
    few, many = CandidateIndex(known[:1], TERRITORY), CandidateIndex(known, TERRITORY)
    alike, somewhat = (
        replace(HERE, key=9, name=name, **facts) for name in ("Le Grelot", "Grelot Azalée Pétunia")
    )
    for index in (few, many):
        assert [each.key for each, _value in index.matches(alike)] == [1]
    assert [each.key for each, _value in few.matches(somewhat)] == [1]
    assert many.matches(somewhat) == []


def test_shared_hosts_and_networks_are_no_domain():
    for host in ("facebook.com/grelot", "grelot.wixsite.com/site", "sites.google.com/view/grelot", "grelot.wordpress.com",
                 "linktr.ee/grelot", "desjardins.com/caisse", "membogo.com/x", "grelot.yapla.com"):  # fmt: skip
        assert own_domain(f"https://{host}") == "", host
    assert own_domain_of_email("info@videotron.ca") == own_domain_of_email("pas une adresse") == ""
    assert own_domain_of_email("Info@Grelot.example ") == "grelot.example"


def test_name_of_other_names_counts():
    one = replace(HERE, name="Coopérative Corail", other_names=("Le Vieux Grelot",))
    assert likeness(one, replace(HERE, key=2, name="LE VIEUX GRELOT INC."), TERRITORY) > 0


def test_acronym_is_asked_and_is_not_the_same_key():
    """A row is matched without asking when its key is the same."""
    one, other = (
        replace(HERE, name="CAB de l’Étang"),
        replace(HERE, key=2, name="Centre d'action bénévole de l'Étang"),
    )
    assert evidence_of(one, other, TERRITORY) == ("acronym",)
    assert likeness(one, other, TERRITORY) > 0
    assert name_match_key(one.name) != name_match_key(other.name)


def test_candidate_added_again_replaces_itself():
    index = CandidateIndex(
        [replace(HERE, name="Le Grelot bleu"), replace(HERE, key=2, name="Corail")], TERRITORY
    )
    index.add(replace(HERE, name="Le Bec fin"))
    asked = replace(HERE, key=0, name="Grelot bleu")
    assert index.matches(asked) == []
    assert [each.key for each, _value in index.matches(replace(asked, name="Bec fin"))] == [1]
    index.discard(1), index.discard(7)
    assert index.matches(replace(asked, name="Bec fin")) == []
    assert [each.key for each, _value in index.matches(replace(asked, name="Corail"))] == [2]


# --- Cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["CPE {0}", "CPE Lucioles", "Maison des jeunes de {1}", "Coop {2} {1} {0}", "{0}", "Étoile {0}{0}"],
)
def test_no_data_makes_one_search_compare_many(name):
    """Thousands of one network, of one name, at one telephone, in one town."""
    rng = random.Random(0)
    index = CandidateIndex([], TERRITORY)
    for key in range(3_000):
        written = name.format(key, key % 20, key % 7)
        index.add(
            Candidate(key, written, phone="+14505550100", municipality=rng.choice("12"), domain="r.example")
        )
    asked = 100
    for key in range(asked):
        index.matches(
            Candidate(-1, name.format(key, key % 20, key % 7), phone="+14505550100", municipality="1")
        )
    assert index.compared <= asked * MOST_COMPARED


def test_rare_twin_is_found_among_thousands_of_a_network():
    crowd = [
        Candidate(key, f"CPE Soleil {key}", phone="+14505550100", municipality="1")
        for key in range(10, 3_000)
    ]
    twin = Candidate(5, "CPE La Girouette", municipality="1")
    index = CandidateIndex([*crowd, twin], TERRITORY)
    asked = Candidate(0, "Centre de la petite enfance La Girouete", phone="+14505550100", municipality="1")
    assert [each.key for each, _value in index.matches(asked)] == [5]
