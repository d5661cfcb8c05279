"""A date that is refused is shown again, as it was typed, in the page that asked for it."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from forums.models import Forum


@pytest.mark.parametrize(
    ("name", "field", "typed"),
    [
        ("forum_announce", "at", "31 février à midi"),
        ("forum_duplicate", "on", "le 32"),
        ("round_prolong", "until", "jeudi"),
        ("round_prolong", "until", "2001-01-01T10:00"),
    ],
)
def test_refused_date_stays_in_the_page_that_asked_for_it(staff_client, make_round, name, field, typed):
    round = make_round()
    if name == "forum_announce":
        Forum.objects.update(announced_at=None)
    args = [round.forum.slug, *([round.number] if name.startswith("round") else [])]
    answer = staff_client.post(reverse(f"staff:{name}", args=args), {field: typed})
    page = answer.content.decode()
    assert (answer.status_code, "<title>Erreur\u00a0: " in page) == (422, True)
    assert f'value="{typed}"' in page
    assert f'href="#id_{field}"' in page
    # What else the page sends goes where it would have gone.
    forms = re.findall(r'<form[^>]*method="post"[^>]*>', page)
    assert forms
    assert [form for form in forms if "action=" not in form] == []
