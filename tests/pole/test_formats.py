"""Dates, times, numbers and telephones as people read them, in both languages."""

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings as django_settings
from django.template import Context, Template
from django.utils import formats, translation
from django.utils.html import conditional_escape
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from pole.templatetags.typography import (
    capfirst,
    date_range,
    day_time,
    full_date,
    long_date,
    nth,
    number,
    percent,
    phone,
    time_element,
)
from pole.text.local_moments import LocalDateTimeField

NBSP = "\u00a0"
TORONTO = ZoneInfo("America/Toronto")


def shown(text: str) -> str:
    return text.replace(NBSP, "~")


def moment(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=TORONTO)


@pytest.mark.parametrize(
    ("language", "day", "expected"),
    [
        ("fr", dt.date(2023, 5, 19), "vendredi 19 mai 2023"),
        ("fr", dt.date(2026, 2, 1), "dimanche 1er février 2026"),
        ("fr", dt.date(2026, 8, 21), "vendredi 21 août 2026"),
        ("fr", None, ""),
        ("en", dt.date(2023, 5, 19), "Friday, May 19, 2023"),
        ("en", dt.date(2026, 2, 1), "Sunday, February 1, 2026"),
    ],
)
def test_long_date_is_written_in_full(language: str, day: dt.date | None, expected: str) -> None:
    with translation.override(language):
        assert long_date(day) == expected


def test_long_date_without_a_language_is_french() -> None:
    with translation.override(None):
        assert long_date(dt.date(2023, 5, 19)) == "vendredi 19 mai 2023"


def test_long_date_comma_is_a_setting_of_french_only(settings: Settings) -> None:
    settings.POLE_DATE_COMMA = True
    with translation.override("fr"):
        assert long_date(dt.date(2023, 5, 19)) == "vendredi, 19 mai 2023"
    with translation.override("en"):
        assert long_date(dt.date(2023, 5, 19)) == "Friday, May 19, 2023"


def test_long_date_of_a_moment_is_local() -> None:
    # Half past four in the morning in UTC is still the day before in Québec, before and at midnight.
    assert long_date(dt.datetime(2023, 5, 20, 3, 59, 59, tzinfo=dt.UTC)) == "vendredi 19 mai 2023"
    assert long_date(dt.datetime(2023, 5, 20, 4, 0, tzinfo=dt.UTC)) == "samedi 20 mai 2023"


def test_dated_says_and_marks_the_local_day() -> None:
    moment = dt.datetime(2023, 5, 20, 3, 59, 59, 5, tzinfo=dt.UTC)
    written = '<time datetime="2023-05-19T23:59:59-04:00">vendredi 19 mai 2023</time>'
    assert (time_element(moment), time_element(dt.date(2023, 5, 19)), time_element(None)) == (
        written,
        '<time datetime="2023-05-19">vendredi 19 mai 2023</time>',
        "",
    )
    assert conditional_escape(time_element(moment)) == written


@pytest.mark.parametrize(
    ("hour", "minute", "french", "english"),
    [
        (14, 30, "14~h~30", "2:30 p.m."),
        (14, 0, "14~h", "2 p.m."),
        (9, 5, "9~h~05", "9:05 a.m."),
        (0, 0, "0~h", "midnight"),
        (0, 1, "0~h~01", "12:01 a.m."),
        (11, 59, "11~h~59", "11:59 a.m."),
        (12, 0, "12~h", "noon"),
        (12, 1, "12~h~01", "12:01 p.m."),
        (23, 59, "23~h~59", "11:59 p.m."),
    ],
)
def test_day_time_is_written_as_each_language_does(hour: int, minute: int, french: str, english: str) -> None:
    with translation.override("fr"):
        assert shown(day_time(dt.time(hour, minute))) == french
    with translation.override("en"):
        assert day_time(dt.time(hour, minute)) == english


def test_day_time_of_a_moment_is_local() -> None:
    assert shown(day_time(dt.datetime(2026, 7, 1, 18, 30, tzinfo=dt.UTC))) == "14~h~30"
    assert shown(day_time(dt.datetime(2026, 1, 1, 18, 30, tzinfo=dt.UTC))) == "13~h~30"
    assert day_time(None) == ""


@pytest.mark.parametrize(
    ("start", "end", "french", "english"),
    [
        (
            moment(7, 9),
            moment(7, 16, 30),
            "le 7 novembre 2026, de 9~h à 16~h~30",
            "November 7, 2026, 9 a.m. to 4:30 p.m.",
        ),
        (moment(7, 9), moment(7, 9), "le 7 novembre 2026, à 9~h", "November 7, 2026, 9 a.m."),
        (moment(7, 9), None, "le 7 novembre 2026, à 9~h", "November 7, 2026, 9 a.m."),
        (moment(7, 9), moment(9, 16), "du 7 au 9 novembre 2026", "November 7 to 9, 2026"),
        (dt.date(2026, 11, 1), dt.date(2026, 11, 1), "le 1er novembre 2026", "November 1, 2026"),
        (dt.date(2026, 11, 1), None, "le 1er novembre 2026", "November 1, 2026"),
        (
            dt.date(2026, 11, 1),
            dt.date(2026, 11, 3),
            "du 1er au 3 novembre 2026",
            "November 1 to 3, 2026",
        ),
        (
            dt.date(2026, 10, 30),
            dt.date(2026, 11, 1),
            "du 30 octobre au 1er novembre 2026",
            "October 30 to November 1, 2026",
        ),
        (
            dt.date(2026, 12, 30),
            dt.date(2027, 1, 2),
            "du 30 décembre 2026 au 2 janvier 2027",
            "December 30, 2026 to January 2, 2027",
        ),
        (dt.date(2026, 11, 9), dt.date(2026, 11, 7), "le 9 novembre 2026", "November 9, 2026"),
        (None, dt.date(2026, 11, 7), "", ""),
    ],
)
def test_date_range_says_what_is_needed_once(
    start: dt.date | None, end: dt.date | None, french: str, english: str
) -> None:
    with translation.override("fr"):
        assert shown(date_range(start, end)) == french
    with translation.override("en"):
        assert date_range(start, end) == english


def test_date_range_of_moments_is_local() -> None:
    start = dt.datetime(2026, 11, 8, 1, 0, tzinfo=dt.UTC)
    end = dt.datetime(2026, 11, 8, 3, 0, tzinfo=dt.UTC)
    assert shown(date_range(start, end)) == "le 7 novembre 2026, de 20~h à 22~h"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (12345.6, "12~345,6", "12,345.6"),
        (Decimal("1234567.80"), "1~234~567,80", "1,234,567.80"),
        (999, "999", "999"),
        (1000, "1~000", "1,000"),
        (-1000, "-1~000", "-1,000"),
        (0.1, "0,1", "0.1"),
        ("12000", "12~000", "12,000"),
        (0, "0", "0"),
        (None, "", ""),
        ("abc", "", ""),
        (float("nan"), "", ""),
        (float("inf"), "", ""),
    ],
)
def test_number_groups_digits_by_three(value: float | str | None, french: str, english: str) -> None:
    with translation.override("fr"):
        assert shown(number(value)) == french
    with translation.override("en"):
        assert number(value) == english


@pytest.mark.parametrize(("value", "expected"), [(2.5, "3"), (2.4999, "2"), (-2.5, "-3"), (7, "7")])
def test_number_rounds_half_up(value: float, expected: str) -> None:
    assert number(value, 0) == expected


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (12.5, "12,5~%", "12.5%"),
        (50.0, "50~%", "50%"),
        (100, "100~%", "100%"),
        (33.3333, "33,3~%", "33.3%"),
        (66.66, "66,7~%", "66.7%"),
        (-0.04, "0~%", "0%"),
        (1200, "1~200~%", "1,200%"),
        (None, "", ""),
    ],
)
def test_percent_takes_percents_and_keeps_one_decimal(value: float | None, french: str, english: str) -> None:
    with translation.override("fr"):
        assert shown(percent(value)) == french
    with translation.override("en"):
        assert percent(value) == english


@pytest.mark.parametrize(
    ("e164", "extension", "french", "english"),
    [
        ("+14505550123", "", "450~555-0123", "450-555-0123"),
        ("+14505550123", "25", "450~555-0123, poste~25", "450-555-0123, ext.~25"),
        ("+18005550123", "", "1~800~555-0123", "1-800-555-0123"),
        ("+33144556677", "", "+33 1 44 55 66 77", "+33 1 44 55 66 77"),
        ("pas un numéro", "", "pas un numéro", "pas un numéro"),
        ("", "25", "", ""),
        (None, None, "", ""),
    ],
)
def test_phone_is_written_as_each_language_does(
    e164: str | None, extension: str | None, french: str, english: str
) -> None:
    with translation.override("fr"):
        assert shown(phone(e164, extension)) == french
    with translation.override("en"):
        assert shown(phone(e164, extension)) == english


def test_filters_work_in_a_template() -> None:
    template = Template(
        "{% load typography %}{{ day|long_date }}, {{ number|phone:'25' }}, {{ day|date_range:end }}"
    )
    context = {"day": dt.date(2026, 5, 1), "end": dt.date(2026, 5, 2), "number": "+14505550123"}
    assert shown(template.render(Context(context))) == (
        "vendredi 1<sup>er</sup> mai 2026, 450~555-0123, poste~25, du 1<sup>er</sup> au 2 mai 2026"
    )


WRITTEN_DATES = [
    "long_date",
    "long_date|capfirst",
    "full_date",
    "date_range",
    "date_range|capfirst",
    "time_element",
]


@pytest.mark.parametrize("written", WRITTEN_DATES)
def test_first_of_a_month_is_raised_in_a_page_and_plain_in_a_mail(written: str) -> None:
    """As the typography of texts raises it; a subject or an attribute holds no element."""
    template = Template(
        f"{{{{ day|{written} }}}} {{% blocktranslate with day=day|{written} %}}{{{{ day }}}}{{% endblocktranslate %}}"
    )
    for month in range(1, 13):
        context = {"day": dt.date(2026, month, 1)}
        page = template.render(Context(context))
        assert page.count("1<sup>er</sup> ") == 2
        if written != "time_element":
            assert template.render(Context(context, autoescape=False)).count("1er ") == 2
        others = template.render(Context({"day": dt.date(2026, month, 11)}))
        assert "<sup>" not in others


def test_full_date_says_the_day_and_the_year() -> None:
    assert full_date(dt.date(2026, 5, 1)) == "1er mai 2026"
    assert full_date(dt.datetime(2026, 6, 1, 3, 59, tzinfo=dt.UTC)) == "31 mai 2026"
    assert full_date(None) == ""
    with translation.override("en"):
        assert full_date(dt.date(2026, 5, 1)) == "May 1, 2026"


def test_capfirst_of_anything_else_is_as_djangos() -> None:
    assert [capfirst("élan"), capfirst(""), capfirst(3)] == ["Élan", "", "3"]
    assert Template("{{ text|capfirst }}").render(Context({"text": "<1er>"})) == "&lt;1er&gt;"


def test_no_template_writes_a_date_otherwise_nor_in_an_attribute() -> None:
    """`date:"DATE_FORMAT"` says « 1 mai »; an attribute or a title would show the element of « 1er »."""
    filters = r"\|(?:long_date|full_date|date_range|time_element)"
    wrong = [
        f"{path.name}: {line.strip()[:80]}"
        for path in django_settings.BASE_DIR.glob("templates/**/*.html")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"date:.(?:DATE_FORMAT|j F)", line)
        or re.search(rf'[\w-]="[^"]*\{{[{{%][^"}}]*{filters}', line)
        or re.search(rf"(?:<title>|block (?:title|description))[^<]*{filters}", line)
        or re.search(rf"blocktranslate[^%]*{filters}[^%]*asvar", line)
    ]
    assert wrong == []


# --- The formats module -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["3 mai 2026", "9~h~05", "3 mai 2026 à 9~h~05", "mai 2026", "12~345,5"]),
        ("en", ["May 3, 2026", "9:05 a.m.", "May 3, 2026, 9:05 a.m.", "May 2026", "12,345.5"]),
    ],
)
def test_django_formats_follow_the_language(language: str, expected: list[str]) -> None:
    when = dt.datetime(2026, 5, 3, 9, 5, tzinfo=TORONTO)
    with translation.override(language):
        written = [
            formats.date_format(when, "DATE_FORMAT"),
            formats.time_format(when.time(), "TIME_FORMAT"),
            formats.date_format(when, "DATETIME_FORMAT"),
            formats.date_format(when, "YEAR_MONTH_FORMAT"),
            formats.number_format(12345.5, force_grouping=True),
        ]
    assert [shown(text) for text in written] == expected


@pytest.mark.parametrize("text", ["2026-05-03", "3/5/2026", "03/05/2026", "3-5-2026"])
def test_french_forms_read_the_day_before_the_month(text: str) -> None:
    with translation.override("fr"):
        assert forms.DateField().clean(text) == dt.date(2026, 5, 3)


@pytest.mark.parametrize("text", ["2026-05-03", "May 3, 2026"])
def test_english_forms_read_dates_without_ambiguity(text: str) -> None:
    with translation.override("en"):
        assert forms.DateField().clean(text) == dt.date(2026, 5, 3)


def test_english_forms_refuse_ambiguous_dates() -> None:
    with translation.override("en"), pytest.raises(forms.ValidationError) as caught:
        forms.DateField().clean("3/5/2026")
    assert caught.value.code == "invalid"


@pytest.mark.parametrize("text", ["14:30", "14 h 30", "14h30", "14H30", f"14{NBSP}h{NBSP}30"])
def test_french_forms_read_times_in_every_usual_form(text: str) -> None:
    with translation.override("fr"):
        assert forms.TimeField().clean(text) == dt.time(14, 30)


@pytest.mark.parametrize("text", ["14 h", "14h", "14:00"])
def test_french_forms_read_whole_hours(text: str) -> None:
    with translation.override("fr"):
        assert forms.TimeField().clean(text) == dt.time(14, 0)


@pytest.mark.parametrize("text", ["2026-05-03T14:30", "2026-05-03 14:30", "3/5/2026 14 h 30"])
def test_french_forms_read_moments(text: str) -> None:
    with translation.override("fr"):
        assert forms.DateTimeField().clean(text) == dt.datetime(2026, 5, 3, 14, 30, tzinfo=TORONTO)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2027-11-07T00:59", "2027-11-07T04:59"),
        ("2027-11-07T02:00", "2027-11-07T07:00"),
        ("2027-03-14T01:59", "2027-03-14T06:59"),
        ("2027-03-14T03:00", "2027-03-14T07:00"),
    ],
)
def test_moments_around_a_change_of_hour_are_read(text, utc):
    assert LocalDateTimeField().clean(text) == dt.datetime.fromisoformat(f"{utc}+00:00")


@pytest.mark.parametrize("text", ["2027-03-14T02:00", "2027-03-14T02:59"])
def test_hour_that_clocks_jump_over_is_refused(text) -> None:
    with translation.override("fr"), pytest.raises(forms.ValidationError) as refused:
        LocalDateTimeField().clean(text)
    assert refused.value.messages == [
        "Cette heure n’existe pas\u00a0: cette nuit-là, on avance l’heure (fuseau horaire America/Toronto). "
        "Donnez une heure avant 2\u00a0h, ou à partir de 3\u00a0h."
    ]


@pytest.mark.parametrize("text", ["2027-11-07T01:00", "2027-11-07T01:59"])
def test_hour_that_comes_twice_is_asked_which(text) -> None:
    with translation.override("fr"), pytest.raises(forms.ValidationError) as refused:
        LocalDateTimeField().clean(text)
    assert refused.value.messages == [
        "Cette heure vient deux fois\u00a0: cette nuit-là, on recule l’heure. Dites laquelle des deux."
    ]


class ScheduleForm(forms.Form):
    at = LocalDateTimeField()


@pytest.mark.parametrize("utc", ["2027-11-07T05:30:29", "2027-11-07T06:30:29"])
def test_form_that_shows_an_hour_that_comes_twice_saves_it_again(utc) -> None:
    shown = dt.datetime.fromisoformat(f"{utc}+00:00")
    form = ScheduleForm({"at": "2027-11-07T01:30"}, initial={"at": shown})
    assert form.is_valid()
    assert form.cleaned_data["at"] == shown.replace(second=0)
    assert not ScheduleForm({"at": "2027-11-07T01:31"}, initial={"at": shown}).is_valid()


def choices_of(form) -> list[tuple[str, bool]]:
    return [
        (value, bool(checked))
        for value, checked in re.findall(r'name="at_which" value="(.)"( checked)?', str(form))
    ]


@pytest.mark.parametrize(("which", "utc"), [("0", "05:30"), ("1", "06:30")])
@pytest.mark.parametrize("typed", ["2026-11-01T01:30", "2026-11-01 01:30"])
def test_which_of_two_hours_is_asked_then_kept(typed, which, utc) -> None:
    asked = ScheduleForm({"at": typed})
    assert not asked.is_valid()
    assert choices_of(asked) == [("0", False), ("1", False)]
    told = ScheduleForm({"at": typed, "at_which": which})
    assert told.is_valid(), told.errors
    assert told.cleaned_data["at"] == dt.datetime.fromisoformat(f"2026-11-01T{utc}+00:00")
    # Refused for another reason, or shown again later: the choice stands.
    for shown in (told, ScheduleForm(initial={"at": told.cleaned_data["at"]})):
        assert choices_of(shown) == [("0", which == "0"), ("1", which == "1")]
        assert 'value="2026-11-01T01:30"' in str(shown) or shown is told
    assert not ScheduleForm({"at": typed, "at_which": "2"}).is_valid()


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-01T00:59",
        "2026-11-01T02:00",
        "2027-03-14T02:30",
        "2026-07-01T01:30",
        "",
        "demain",
        "\x00",
        "9" * 50,
    ],
)
def test_other_hours_are_asked_nothing_and_a_choice_left_over_changes_nothing(typed) -> None:
    for data in ({"at": typed}, {"at": typed, "at_which": "1"}):
        form = ScheduleForm(data)
        assert choices_of(form) == []
        if form.is_valid():
            assert form.cleaned_data["at"] == ScheduleForm({"at": typed}).fields["at"].clean(typed)


@given(
    st.one_of(st.integers(0, 3 * 365 * 24 * 60), st.integers(437_640, 437_940))
)  # those around 1 November 2026
def test_every_minute_of_three_years_is_typed_and_shown_again(minutes) -> None:
    """Whatever a form shows, it takes back as it is: no minute moves, none is refused."""
    moment = dt.datetime(2026, 1, 1, 5, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    page = str(ScheduleForm(initial={"at": moment}))
    sent = {"at": re.findall(r'name="at" value="([^"]+)"', page)[0]}
    if chosen := [value for value, is_checked in choices_of(page) if is_checked]:
        sent["at_which"] = chosen[0]
    form = ScheduleForm(sent)
    assert form.is_valid(), (moment, form.errors)
    assert form.cleaned_data["at"] == moment


@pytest.mark.parametrize("language", ["fr", "en"])
def test_form_values_are_written_for_native_date_inputs(language: str) -> None:
    with translation.override(language):
        assert 'value="2026-05-03"' in str(forms.DateInput().render("day", dt.date(2026, 5, 3)))
        assert formats.localize_input(moment(3, 14, 30, month=5)) == "2026-05-03T14:30"


def test_event_whose_hours_are_unknown_says_the_day_alone():
    start = dt.datetime(2023, 11, 7, tzinfo=TORONTO)
    end = start.replace(hour=23, minute=59)
    assert date_range(start, end) == "le 7 novembre 2023"
    assert date_range(start, end.replace(minute=58)) == "le 7 novembre 2023, de 0\u00a0h à 23\u00a0h\u00a058"


@pytest.mark.parametrize("count", [0, 999, 1000, -1234567, 10**30])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_count_is_written_as_any_number(language: str, count: int) -> None:
    with translation.override(language):
        assert number(count) == number(Decimal(count))
        assert number(True) == number("True") == ""


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (1, "1er", "1st"), (2, "2e", "2nd"), (3, "3e", "3rd"), (4, "4e", "4th"), (11, "11e", "11th"), (12, "12e", "12th"),
        (13, "13e", "13th"), (21, "21e", "21st"), (22, "22e", "22nd"), (101, "101e", "101st"), (111, "111e", "111th"),
        ("5", "5e", "5th"), ("", "", ""), (None, "", ""), ("x", "", ""),
    ],
)  # fmt: skip
def test_ordinals_are_written_as_each_language_does(value: object, french: str, english: str) -> None:
    with translation.override("fr"):
        assert nth(value) == french
    with translation.override("en"):
        assert nth(value) == english
