"""One typed answer: from what a person typed to what is stored, or a reason why not.

Stored values are plain JSON: dates as ``2026-11-30``, times as ``08:30``, numbers as
int, choices by id, tables as a list of rows. Cleaning a stored value gives it back
unchanged, so the same code serves the form, the final check and an import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from guideline.catalogue import Field, Version
from guideline.facts import gettext_noop

YEAR_OFFSET = 1911
EARLIEST, LATEST = YEAR_OFFSET + 10, YEAR_OFFSET + 999
LARGEST = 999_999_999
YESNO = ("yes", "no")
_STORED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE = re.compile(r"^(?:民國)?\s*([0-9]{2,4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?$")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")

# The patterns below are written so that Python and ECMAScript, which JSON Schema speaks, read them alike.
SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # what str.strip() takes off
BLANK = r"\x00-\x20\x7f" + SPACE.removeprefix(r"\t-\r\x1c-\x20")  # that, and control characters
SAYS_SOMETHING = rf"[^{SPACE}]"
NOT_KEPT = r"\x00|\r\n"  # no database keeps NUL; a line ends with LF
_YEAR = "(?:192[1-9]|19[3-9][0-9]|2[0-8][0-9]{2}|290[0-9]|2910)"  # EARLIEST to LATEST
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|2[048]00)"
_DIGITS = r"0-9０-９()（）\-－~#＃"
STORED = {
    "date": rf"{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?={_YEAR}){_LEAP}-02-29",
    "time": "(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00",
    "url": rf"[Hh][Tt][Tt][Pp][Ss]://[^{BLANK}./?#]*\.[^{BLANK}/?#]*(?:[/?#][^{BLANK}]*)?",
    "email": rf"[^{BLANK}@<>,;]+@[^{BLANK}@<>,;.]+(?:\.[^{BLANK}@<>,;.]+)+",
    # kept as typed: a full-width ＋ is the firm's own writing
    "phone": rf"(?![ \t\u3000])[+(＋（]?[ \t\u3000{_DIGITS}]{{5,38}}[{_DIGITS}]",
}
EMAIL_LENGTH = 254
_FORMS = {name: re.compile(pattern) for name, pattern in STORED.items()}
_FULL = str.maketrans("０１２３４５６７８９．／－：＋（）＃　", "0123456789./-:+()# ")


class Malformed(ValueError):
    """The typed text is not of the field's type; ``str()``, filled with ``params``, says what to write instead."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.params = params


def parse_date(text: str) -> date:
    """A date from 115/11/30, 115年11月30日, 115.11.30 or 2026-11-30 (民國 below 1911).

    Raises:
        Malformed: not a date.
    """
    match = _DATE.match(text.translate(_FULL).strip())
    if match:
        year, month, day = map(int, match.groups())
        year = year if year > YEAR_OFFSET else year + YEAR_OFFSET
        try:
            # beyond these a date shown as 民國 could not be typed back
            if EARLIEST <= year <= LATEST:
                return date(year, month, day)
        except ValueError:
            pass
    raise Malformed(gettext_noop("請輸入日期，例如 115/11/30"))


def roc(day: date) -> str:
    """115/11/30, as typed into a form."""
    return f"{day.year - YEAR_OFFSET}/{day.month:02}/{day.day:02}"


def roc_words(day: date) -> str:
    """115 年 11 月 30 日."""
    return f"{day.year - YEAR_OFFSET} 年 {day.month} 月 {day.day} 日"


def _time(text: str) -> str:
    match = _TIME.fullmatch(text.translate(_FULL).strip())
    time = f"{int(match[1]):02}:{match[2]}" if match else ""
    if not _FORMS["time"].fullmatch(time):
        raise Malformed(gettext_noop("請輸入時間，例如 08:30"))
    return time


def _int(text: str) -> int:
    plain = text.translate(_FULL).strip().replace(",", "")
    if not re.fullmatch("[0-9]{1,9}", plain):
        raise Malformed(gettext_noop("請輸入整數，例如 42"))
    return int(plain)


def _url(text: str) -> str:
    if not _FORMS["url"].fullmatch(text.strip()):
        raise Malformed(gettext_noop("請輸入 https:// 開頭的網址"))
    return text.strip()


def _email(text: str) -> str:
    if len(text) > EMAIL_LENGTH or not _FORMS["email"].fullmatch(text.strip()):
        raise Malformed(gettext_noop("請輸入電子郵件，例如 name@example.com"))
    return text.strip()


def _phone(text: str) -> str:
    if not _FORMS["phone"].fullmatch(text.strip()):
        raise Malformed(gettext_noop("請輸入電話號碼，例如 (02)5550-1234 或 0900-000-102"))
    return text.strip()


def _yesno(text: str) -> str:
    if text not in YESNO:
        raise Malformed(gettext_noop("請選擇是或否"))
    return text


_PARSERS = {
    "date": lambda text: parse_date(text).isoformat(),
    "time": _time,
    "int": _int,
    "url": _url,
    "email": _email,
    "phone": _phone,
    "yesno": _yesno,
}


def option_ids(field: Field, version: Version) -> tuple[str, ...]:
    if field.options_from == "lines":
        return tuple(line.id for line in version.lines)
    return tuple(option.id for option in field.options)


def clean(field: Field, raw: Any, version: Version) -> Any:
    """The stored form of ``raw`` for a simple field: None (or []) where nothing was said.

    Raises:
        Malformed: ``raw`` is not of the field's type.
    """
    if field.type == "choices":
        chosen = [raw] if isinstance(raw, str) and raw else (raw or [])
        if not isinstance(chosen, list | tuple):
            raise Malformed(gettext_noop("請由選項中選擇"))
        known = option_ids(field, version)
        if any(value not in known for value in chosen):
            raise Malformed(gettext_noop("請由選項中選擇"))
        return [value for value in known if value in chosen]
    if raw is None or raw == "" or (field.type not in {"line", "text"} and not str(raw).strip()):
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise Malformed(gettext_noop("此欄內容不符，請重新輸入"))
    text = str(raw)
    if field.type in {"line", "text"}:
        return text
    if field.type == "choice":
        if text not in option_ids(field, version):
            raise Malformed(gettext_noop("請由選項中選擇"))
        return text
    return _PARSERS[field.type](text)


def said(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an item's answer says: without what is empty, in the rows of tables too. Two that say the same are equal."""
    return {
        name: [said(row) if isinstance(row, Mapping) else row for row in value] if isinstance(value, list) else value
        for name, value in answer.items()
        if not is_empty(value)
    }


def is_empty(value: Any) -> bool:
    """Whether nothing was said: white space alone says nothing."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def as_date(value: Any) -> date | None:
    """The stored date, or None where there is none or it is not one yet."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _STORED.fullmatch(value) else None
    except ValueError:
        return None
