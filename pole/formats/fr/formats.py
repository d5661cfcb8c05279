"""French as Québec writes it (OQLF): "3 mai 2026", "14 h 30", "12 345,6"."""

DATE_FORMAT = "j F Y"
# Django's own fr formats write "14:30". The hour has no leading zero, and `h` must be escaped.
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = "j F Y \\à G\u00a0\\h\u00a0i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d G\u00a0\\h\u00a0i"
FIRST_DAY_OF_WEEK = 0  # Sunday, as Québec's calendars

# The first of each list also writes the values of forms: <input type="date"> reads only ISO.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]
# In a pattern, a space also stands for a no-break one, and `h` for a capital.
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H h %M", "%Hh%M", "%H h", "%Hh"]
DATETIME_INPUT_FORMATS = [
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H h %M",
    "%Y-%m-%d %Hh%M",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H h %M",
    "%d/%m/%Y %Hh%M",
]

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\u00a0"
NUMBER_GROUPING = 3
