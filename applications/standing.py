"""What stands of a case: as it was last filed, over what it takes over from the case before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.models import Application, Submission


def filed(case: Application) -> dict[str, Any]:
    """The content of the latest submission; of a case that inherits, with the pages that it did not ask.

    In a table with a row for each business line, the rows of lines that the case did not ask for stand as they were.
    The heading (kind, number, lines, days) is the latest submission's own.

    Raises:
        Submission.DoesNotExist: nothing was filed.
    """
    mine = Submission.objects.filter(application=case).latest("number").content
    if not case.inherits or case.previous is None:
        return mine
    return over(filed(case.previous), mine, case)


def filed_answers(case: Application) -> dict[str, Any]:
    """The answers of ``filed``; before the first filing those of the case before, or none."""
    try:
        return filed(case)["answers"]
    except Submission.DoesNotExist:
        return filed_answers(case.previous) if case.inherits and case.previous else {}


def over(before: Mapping[str, Any], mine: Mapping[str, Any], case: Application) -> dict[str, Any]:
    """The content ``mine`` of ``case`` laid over that of the case before."""
    version = case.version
    pages = {*before["pages"], *mine["pages"]}
    answers = dict(before["answers"])
    for item_id, values in mine["answers"].items():
        answers[item_id] = {name: _rows(answers.get(item_id, {}).get(name), value) for name, value in values.items()}
    rosters = {page.id for page in version.sections if page.roster}
    return {
        **mine,
        "pages": [page.id for page in version.sections if page.id in pages],
        "answers": answers,
        "evidence": {**before["evidence"], **mine["evidence"]},
        "roster": mine["roster"] if rosters & set(mine["pages"]) else before["roster"],
    }


def _rows(before: Any, value: Any) -> Any:
    """A value; of a table whose rows have keys, with the rows before that it has not."""
    if not _keyed(value) or not _keyed(before):
        return value
    mine = {row["key"] for row in value}
    return [*(row for row in before if row["key"] not in mine), *value]


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) and "key" in row for row in value)
