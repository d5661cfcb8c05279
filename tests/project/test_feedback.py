"""Every form that is refused says so alike: in the title, in a summary that leads to each field, by one component."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db import transaction
from django.http import HttpResponse
from django.template import engines
from django.test import Client, RequestFactory

from pole.files.kept_uploads import KeptFileField
from pole.refusals import Refusal, place_of, refusal_shown, say
from tests.project.test_access_matrix import (  # noqa: F401 - fixtures
    ADMIN_SIGN_IN,
    ROWS,
    address_of,
    arguments,
    clients,
    every_name,
)

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PACKAGES = ("accounts", "blog", "comments", "desk", "enterprises", "forums", "pole")
# The components themselves.
WRITES_ERRORS = {"components/error_summary.html", "components/field_errors.html", "components/messages.html"}


def templates():
    return {
        str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8")
        for path in TEMPLATES.rglob("*.html")
        if "/email/" not in str(path)
    }


def test_no_template_writes_its_own_summary_or_list_of_errors():
    own = re.compile(
        r'class="error-summary|for error in|form\.errors \}|non_field_errors|<ul class="field__error'
    )
    assert {name for name, text in templates().items() if own.search(text)} == WRITES_ERRORS - {
        "components/messages.html"
    }


def test_every_template_that_shows_fields_to_send_shows_the_summary():
    shown = re.compile(r"as_field_group|field_errors\.html")
    # Filters, which are asked by GET; parts of a page whose summary is in that page.
    parts = {
        "components/form.html", "components/field.html", "accounts/roles_field.html", "comments/fields.html",
        "enterprises/form_fields.html", "forums/console_row.html", "forums/console_rows.html",
        "desk/documents.html", "desk/pictures.html", "comments/thread.html",
    }  # fmt: skip
    lacking = {
        name
        for name, text in templates().items()
        if name not in parts
        and re.search(r'<form[^>]*method="post"', text)
        and shown.search(re.sub(r'<form(?![^>]*method="post").*?</form>', "", text, flags=re.DOTALL))
        and "error_summary" not in text
    }
    assert lacking == set()


def test_messages_are_shown_by_one_component():
    showing = {
        name for name, text in templates().items() if re.search(r"in messages %|components/messages", text)
    }
    assert showing == {"components/messages.html"}
    assert {name for name, text in templates().items() if "{% messages_at %}" in text} == {
        "base.html", "home.html", "allauth/layouts/entrance.html",
    }  # fmt: skip


def test_what_is_wrong_in_a_form_is_never_said_by_a_message():
    """It would lead to no field, and mark none: `{% error_summary %}` does, in the page shown again."""
    said = re.compile(
        r"(?:messages\.error\(|(?:say|_say_there)\(\s*request,\s*messages\.ERROR)[^\n]*(?:\n[^\n]*){0,2}?\.errors\b"
    )
    # Neither by hand: a field that is read from what was posted, found wrong, and refused by a message.
    by_hand = re.compile(
        r"if [^\n]*(?:not reason|not in request\.POST|form\.is_valid)[^\n]*:\n\s+messages\.error\("
    )
    wrong = [
        str(path.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py")
        if said.search(text := path.read_text(encoding="utf-8")) or by_hand.search(text)
    ]
    assert wrong == []


def test_every_file_that_people_send_is_kept():
    known, waiting = set(), [forms.Form, forms.BaseModelForm]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            known.add(each)
    named = [
        (form, field)
        for form in known
        if form.__module__.split(".")[0] in PACKAGES
        for field in form.base_fields.values()
        if isinstance(field, forms.FileField)
    ]
    assert named
    assert [each for each in named if not isinstance(each[1], KeptFileField)] == []
    reading = {
        str(path.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py")
        if "request.FILES" in path.read_text(encoding="utf-8")
    }
    # The territory's list is refused for itself alone: there is nothing else in its form.
    assert reading == {"pole/files/kept_uploads.py", "pole/views/territory.py"}


class Page(HTMLParser):
    """Ids, links of summaries, title and forms of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.targets, self.forms, self.title = [], [], [], ""
        self.depth, self.summaries, self.has_wrong_fields, self.in_title = 0, 0, False, False
        self.focused = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.in_title = self.in_title or (tag == "title" and not self.title)
        if self.depth:
            self.depth += tag == "div"
            self.focused += "autofocus" in given and given["tabindex"] == "-1"
            if tag == "a" and given.get("href", "").startswith("#"):
                self.targets.append(given["href"][1:])
            if described := given.get("aria-describedby"):
                self.targets.append(described)
        elif "data-refusal" in given:
            self.summaries += 1
            self.depth = 1
            self.focused += "autofocus" in given and given["tabindex"] == "-1"
            assert given["role"] == "alert"
        self.has_wrong_fields = (
            self.has_wrong_fields
            or given.get("aria-invalid") == "true"
            or ("field__error" in given.get("class", "").split() and "data-passkey-error" not in given)
        )
        if tag == "form" and given.get("method") == "post":
            self.forms.append((given.get("action"), {}))
        elif tag in {"input", "textarea", "select"} and self.forms and given.get("name"):
            typed = given.get("value", "") if given.get("type") == "hidden" else "x"
            if given.get("type") not in {"checkbox", "radio", "file"}:
                self.forms[-1][1][given["name"]] = typed

    def handle_endtag(self, tag):
        self.depth -= bool(self.depth and tag == "div")
        self.in_title = self.in_title and tag != "title"

    def handle_data(self, text):
        self.title += text if self.in_title else ""


def complaint(response):
    """What is wrong with the page that answers a form; nothing when it refuses nothing, or as it should."""
    if response.status_code >= 500 or response.streaming or "html" not in response.get("Content-Type", ""):
        return ""
    page = Page(response.content.decode())
    title = html.unescape(page.title).replace("\xa0", " ")
    if page.summaries != 0 and not title.startswith("Erreur : "):
        return f"title: {title}"
    if title.startswith("Erreur : ") and not page.summaries:
        return "no summary"
    if page.summaries != page.focused:
        return "a summary cannot take the focus"
    if page.has_wrong_fields and not page.summaries:
        return "fields are wrong, and no summary says so"
    lost = sorted(set(page.targets) - set(page.ids))
    return f"summary leads nowhere: {lost}" if lost else ""


def undone(client, method, address, data=None):
    with transaction.atomic():
        response = getattr(client, method)(address, data or {})
        following = None
        if response.status_code == 302 and method == "post":
            target = response["Location"]
            if target.startswith("/") and ADMIN_SIGN_IN not in target:
                following = client.get(target)
        transaction.set_rollback(True)
    return response, following


@pytest.mark.parametrize("role", ["visitor", "citizen", "superuser"])
def test_every_refused_form_says_so_and_leads_to_its_fields(arguments, clients, role):  # noqa: F811
    wrong, refused = [], 0
    signed_in_once = clients[role]()

    def asked(method, address, data=None):
        client = Client()
        client.cookies = type(signed_in_once.cookies)(signed_in_once.cookies.output(header="", sep=";"))
        return undone(client, method, address, data)

    for name, takes in every_name():
        if name.startswith(("admin:", "/admin", "api:")):
            continue
        address = address_of(name, takes, arguments)
        sent = [(address, {})]
        shown, _following = asked("get", address)
        if shown.status_code == 200 and not shown.streaming and "html" in shown.get("Content-Type", ""):
            sent += [(action or address, fields) for action, fields in Page(shown.content.decode()).forms]
        for target, fields in sent:
            for response in asked("post", html.unescape(target), fields):
                if isinstance(response, HttpResponse):
                    refused += "data-refusal" in response.content.decode(errors="ignore")
                    if told := complaint(response):
                        wrong.append(f"{name}, {target} {sorted(fields)}: {told}")
    assert sorted(set(wrong)) == []
    assert refused > {"visitor": 15, "citizen": 20, "superuser": 80}[role]
    assert name in ROWS


def rendered(text, request=None, **values):
    return engines["django"].from_string(text).render(values, request)


def test_page_without_a_refusal_is_as_it_was():
    page = "{% feedback %}<title>Un titre</title><body></body>{% endfeedback %}"
    assert rendered(page) == "<title>Un titre</title><body></body>"


def make_form(**fields):
    return type("Made", (forms.Form,), fields or {"a": forms.CharField()})


def test_group_of_choices_is_led_to_by_its_first_input():
    form = make_form(
        size=forms.ChoiceField(choices=[("s", "S"), ("l", "L")], widget=forms.RadioSelect),
        kinds=forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple),
        name=forms.CharField(),
    )({})
    text = rendered("{% error_summary form %}", form=form)
    assert re.findall(r'href="#([^"]+)"', text) == ["id_size_0", "id_kinds_0", "id_name"]


def test_rows_of_a_formset_and_what_concerns_all_of_it_are_in_the_summary():
    rows = forms.formset_factory(make_form(), extra=1, min_num=2, validate_min=True)
    sent = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-1-a": "x"}
    text = rendered("{% error_summary rows %}", rows=rows(sent))
    assert re.findall(r'href="#([^"]+)"', text) == ["id_form-0-a", "id_form-0-a"]


def test_hidden_field_is_corrected_by_the_first_that_people_see():
    form = make_form(key=forms.CharField(widget=forms.HiddenInput), name=forms.CharField())({"name": "x"})
    text = rendered("{% error_summary form %}", form=form)
    assert re.findall(r'href="#([^"]+)"', text) == ["id_name"]


def test_unsent_form_has_no_summary():
    assert (
        rendered("{% error_summary form other rows %}", form=make_form()(), other=None, rows=[]).strip() == ""
    )


class Stored(list):
    """What the context processor of messages gives."""


PAGE = (
    "{% feedback %}<title>T</title><body>{% messages_at %}<main>{% messages_at 'a' %}|{% messages_at 'b' %}</main>"
    "</body>{% endfeedback %}"
)


def test_message_stands_at_its_place_once_and_elsewhere_at_the_top():
    stored = Stored([
        Message(messages.SUCCESS, "ici", "at:a"), Message(messages.SUCCESS, "ailleurs", "at:absent"),
        Message(messages.SUCCESS, "partout"),
    ])  # fmt: skip
    text = rendered(PAGE, messages=stored)
    top, main = text.split("<main>")
    assert ("ici" in top, "ailleurs" in top, "partout" in top) == (False, True, True)
    assert main.count("ici") == 1
    assert main.index("ici") < main.index("|")
    assert text.startswith("<title>T</title>")
    # The region that speaks is there, and empty, before its words.
    assert text.count('<div role="status" data-said></div>') == 2


def test_two_messages_of_the_same_words_stand_each_at_its_place():
    """Django finds them equal: both would go with the first."""
    stored = Stored([Message(messages.SUCCESS, "fait", "at:a"), Message(messages.SUCCESS, "fait", "at:b")])
    before, after = rendered(PAGE, messages=stored).split("|")
    assert (before.count("fait"), after.count("fait")) == (1, 1)


def test_what_is_refused_by_a_message_is_in_the_title_too():
    text = rendered(PAGE, messages=Stored([Message(messages.ERROR, "refusé", "at:b")]))
    assert text.startswith("<title>Erreur\xa0: T</title>")
    assert text.index("|") < text.index("refusé")


def test_words_of_people_never_take_the_place_of_messages():
    text = rendered(
        "{% feedback %}{{ typed }}{% messages_at %}{% endfeedback %}",
        typed="<!-- messages --><title>", messages=Stored([Message(messages.INFO, "dit")]),
    )  # fmt: skip
    assert text.index("&lt;!-- messages --&gt;") < text.index("dit")


class Full(Refusal):
    messages = {"full": "Complet"}


def test_refusal_and_what_is_done_are_said_at_the_same_place():
    request = RequestFactory().get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    with refusal_shown(request, "fait", at="x-1"):
        pass
    with refusal_shown(request, "fait", at="x-1"):
        raise Full
    say(request, messages.INFO, "dit")
    assert [(place_of(each), each.message) for each in request._messages] == [
        ("x-1", "fait"), ("x-1", "Complet"), ("", "dit"),
    ]  # fmt: skip


def test_no_form_is_refused_by_the_browser_in_words_of_its_own():
    field = re.compile(
        r"as_field_group|\{\{ \w*form|\{\{ field|fields?\.html|<(?:textarea|select)|<input(?![^>]*hidden)"
    )
    sent = re.compile(r'(<form[^>]*method="post"[^>]*>)(.*?)</form>', re.DOTALL)
    lacking = {
        name
        for name, text in templates().items()
        for form, content in sent.findall(text)
        if field.search(content) and "novalidate" not in form
    }
    assert lacking == set()
