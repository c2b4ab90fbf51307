"""What comes after a decision: a renewal, an added line, a roster change; and a case put under another kind."""

from __future__ import annotations

from datetime import date
from typing import Any

from applications.actions import carrying, roster_change, starting
from applications.enums import Carry, Status
from applications.finding import Wanted
from applications.models import Application
from applications.roster import read_upload
from guideline.shape import ADDED_LINE, FIRST, PRE_REVIEW, RENEWAL
from reviews.actions import reclassifying
from reviews.demo import papers, staff
from reviews.demo.answers import Filing, Values, answers
from reviews.demo.builder import ROSTER, Binder, People, on, put_roster, refreshed, send, submit, write
from reviews.demo.firms import FIRMS
from reviews.demo.stories import Desk, filed

BINGHE = "binghe"  # its dealing is approved, and extended
ADDED = ("clearing",)


def later(people: People) -> list[Application]:
    """Build them, in the order of their numbers."""
    return [make(people) for make in (reclassified, roster_changed, added_line, renewal)]


def reclassified(people: People) -> Application:
    """Filed as a pre-review, though the firm asks for approval: the officer puts it under first applications."""
    desk = filed(people, "dingzhou", ADDED, on(11, 20, 13, 5), count=4, kind=PRE_REVIEW)
    desk.take(on(11, 20, 13, 30))
    case = refreshed(desk.case)
    reclassifying.reclassify(
        case_id=case.pk,
        revision=case.revision,
        kind=FIRST,
        reason="貴公司來文說明擬自115年11月30日起實施居家辦公並請轉報核准，所附書件齊備，非僅徵詢意見，爰改列為首次申請。",
        by=people.of("", desk.officer),
        at=on(11, 20, 14, 10),
    )
    desk.judge(on(11, 20, 16), only=12)
    return refreshed(desk.case)


def roster_changed(people: People) -> Application:
    """A trader comes back to the premises; the roster from then on is another one."""
    case = Application.objects.get(firm=people.firms[BINGHE], status=Status.APPROVED)
    rows, _errors = read_upload(ROSTER, staff.workbook(FIRMS[BINGHE], ("dealer",)), case.version)
    moved = next(row for row in rows if row.at_home and "dealer" in row.lines)
    roster_change.change(
        case_id=case.pk,
        revision=case.revision,
        effective_on=date(2026, 12, 7),
        reason=f"交易員{moved.name}自115年12月7日起恢復營業處所辦公，其職務代理不變。",
        rows=[row if row is not moved else type(row)(**{**vars(row), "place": "office"}) for row in rows],
        by=people.of(BINGHE, "preparer"),
        at=on(11, 20, 15, 40),
    )
    return refreshed(case)


def added_line(people: People) -> Application:
    """Clearing is added to the dealing that is approved; under review, half of it judged."""
    first, last, at = date(2026, 12, 14), date(2027, 3, 12), on(11, 20, 15, 50)
    case = _start(people, Wanted(ADDED, first), ADDED_LINE, at)
    by = people.of(BINGHE, "preparer")
    both = answers(Filing(FIRMS[BINGHE], ("dealer", *ADDED), first, last, at.date()))
    alone = answers(Filing(FIRMS[BINGHE], ADDED, first, last, at.date()))
    given = {item_id: _of_lines(case, item_id, values) for item_id, values in both.items()}
    for item_id in ("2.2.1", "2.2.3", "2.2.4"):
        given[item_id] = alone[item_id]
    binder = Binder(case, by=by, at=at)
    for page in case.pages:
        if page.id in {"2.2.1", "2.2.3"} or page.line:
            for item in page.items:
                for document, place in papers.citations(BINGHE, item.id):
                    binder.cite(item.id, document.name, document.data, place)
    put_roster(case, ROSTER, staff.workbook(FIRMS[BINGHE], ("dealer", *ADDED)), by=by, at=at)
    write(case, given, by=by, at=at, only=[page.id for page in case.pages])
    number = FIRMS[BINGHE].document_number("1151120", 3)
    case = send(refreshed(case), people, firm=BINGHE, at=on(11, 20, 16, 20), number=number)
    submit(case, people, firm=BINGHE, at=on(11, 20, 16, 40))
    desk = Desk(people, refreshed(case), BINGHE, officer="officer2")
    desk.take(on(11, 20, 16, 50))
    desk.judge(on(11, 20, 17, 30), only=10)
    return refreshed(case)


def renewal(people: People) -> Application:
    """For the time after the extension: filled in, some sections kept, one changed, the others to be looked at."""
    at = on(11, 20, 17, 10)
    case = _start(people, Wanted(("dealer",), date(2027, 6, 1)), RENEWAL, at)
    by = people.of(BINGHE, "preparer")
    for section_id in ("2.2.3", "2.2.8", "2.2.9"):
        section = case.sections.get(section_id=section_id)
        carrying.keep(case_id=case.pk, section_id=section_id, revision=section.revision, by=by, at=at)
    manual = case.sections.get(section_id="2.2.4").answers["2.2.4"]
    text = f"{manual['text']}\n（本次更新）新址交易室啟用後，居家交易員與新址交易員採雙軌輪值，交接時點改為每日08:00。"
    write(case, {"2.2.4": manual | {"text": text}}, by=by, at=at)
    assert case.sections.filter(carry=Carry.OFFERED).exists()
    return refreshed(case)


def _start(people: People, wanted: Wanted, kind: str, at: Any) -> Application:
    firm, by = people.firms[BINGHE], people.of(BINGHE, "preparer")
    found = starting.find(wanted, starting.known(firm, at))
    way = next(one for one in found.ways if one.kind.id == kind)
    return starting.start(firm=firm, wanted=wanted, kind=kind, follows=way.follows, by=by, at=at)


def _of_lines(case: Application, item_id: str, values: Values) -> Values:
    """Tables with a row for each line: those of the lines that are asked for."""
    tables = {field.name for field in case.version.item(item_id).fields if field.rows == "lines"}
    return {
        name: [row for row in value if row.get("key") in case.lines] if name in tables else value
        for name, value in values.items()
    }
