"""The emergencies of the demo: one waits for its documents, one is late with them, one is with the firm's checker,
one is on record and ratified."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.actions import drafting, notifying, ratifying
from applications.enums import Action
from applications.models import Application
from guideline.periods import last_day
from reviews.actions import endorsing
from reviews.demo import papers
from reviews.demo.answers import Filing, Values, roc
from reviews.demo.builder import People, on, refreshed, send, submit, supply
from reviews.demo.firms import FIRMS
from reviews.demo.letters import ratification_paper
from reviews.demo.stories import Desk
from reviews.models import Recommendation

WHY = "事出突然，營業處所即日起無法進入，不及備齊應變計畫及附件循正常程序送件。"


def notice(people: People, firm: str, lines: tuple[str, ...], what: str, at: datetime, **said: str) -> Application:
    """A notice of the firm's preparer (or ``who``), given a quarter of an hour after it was begun."""
    by, demo = people.of(firm, said.pop("who", "preparer")), FIRMS[firm]
    heads = Filing(demo, lines, at.date(), at.date(), at.date()).counts.at_home
    case = notifying.start(firm=people.firms[firm], by=by, at=at.replace(minute=0))
    pages: dict[str, Values] = {
        "2.1.1.event": {"event": said.get("event", "confirmed"), "what": what, "why_not_normal": WHY},
        "2.1.1.start": {
            "first_day": at.date().isoformat(),
            "start_time": "08:30",
            "lines": list(lines),
            "head_count": heads,
        },
        "2.1.1.contact": {
            "name": demo.manager,
            "title": "副總經理",
            "phone": f"0900-000-{demo.extension[0]}01",
            "email": demo.email("manager"),
        },
    }
    for item_id, values in pages.items():
        page = case.version.section_of(item_id).id
        drafting.save_section(
            case_id=case.pk, section_id=page, answers={item_id: values}, revision=0, by=by, at=at.replace(minute=5)
        )
    notifying.notify(case_id=case.pk, revision=case.revision, key="demo", by=by, at=at)
    return refreshed(case)


def documents(people: People, firm: str, case: Application, at: datetime, **changes: Values) -> Application:
    """The documents, written and sent to the firm's checker."""
    assert case.first_day is not None
    last = last_day(case.first_day, months=case.version.months, count_first_day=case.version.count_first_day)
    asks = Filing(FIRMS[firm], tuple(case.lines), case.first_day, last, at.date())
    case = supply(case, people, asks, at=at, changes=changes)
    number = FIRMS[firm].document_number(f"115{at:%m%d}")
    return send(case, people, firm=firm, at=at.replace(hour=at.hour + 3), number=number)


def recorded(people: People) -> Application:
    """同意備查; the board ratified afterwards."""
    firm = "jiyang"
    what = "11月8日晚間公告大樓三樓以上封鎖14日，結算部辦公室在五樓，11月9日起無法進入。"
    case = notice(people, firm, ("clearing",), what, on(11, 9, 7, 12), event="lockdown", who="checker")
    desk = Desk(people, case, firm)
    desk.take(on(11, 9, 8, 5))
    desk.note("已電洽聯絡人，居家人員已全數連線，書件預計本週內補具。", on(11, 9, 8, 40))
    later = {
        "form": "ratification",
        "held_on": "",
        "meeting": "",
        "seats": None,
        "present": None,
        "resolution": "",
        "covers_lines": [],
        "covers_from": "",
        "covers_to": "",
        "ratify_by": "2026-11-19",
        "text": "封鎖突然，無法事前召開董事會；定於115年11月19日董事會提報追認。",
    }
    documents(people, firm, case, on(11, 11, 10), **{"2.2.10": later})
    submit(refreshed(case), people, firm=firm, at=on(11, 11, 16, 30))
    desk.take(on(11, 12, 9, 30))
    desk.judge(on(11, 13, 15))
    desk.recommend(
        Recommendation.Outcome.RECORD, "封鎖公告屬實，書件齊備，各項均符合指引，擬同意備查。", on(11, 13, 15, 40)
    )
    case = refreshed(case)
    endorsing.decide(
        case_id=case.pk,
        revision=case.revision,
        action=Action.RECORD,
        document_number="臺證輔字第1150011188號",
        by=people.of("", "supervisor"),
        at=on(11, 16, 10, 20),
        remark="請留意董事會追認期限。",
    )
    ratify(people, firm, refreshed(case), date(2026, 11, 19), on(11, 20, 9, 15))
    return case


def ratify(people: People, firm: str, case: Application, held_on: date, at: datetime) -> None:
    demo = FIRMS[firm]
    text = f"{roc(held_on)}董事會報告事項第一案，追認本次居家辦公案，全體出席董事無異議照案通過。"
    paper = papers.draw("董事會追認議事錄.pdf", ratification_paper(demo, case, held_on, text))
    ratifying.ratify(
        case_id=case.pk,
        revision=case.revision,
        held_on=held_on,
        text=text,
        minutes=SimpleUploadedFile(paper.name, paper.data),
        by=people.of(firm, "checker"),
        at=at,
    )


def overdue(people: People) -> Application:
    """逾期未補件: taken by an officer, and nothing has come since."""
    what = "經紀業務部同仁3人於11月8日確診，全組16人居家隔離，交易室自11月9日起封閉消毒。"
    desk = Desk(people, notice(people, "wuling", ("brokerage",), what, on(11, 9, 7, 36)), "wuling", officer="officer2")
    desk.take(on(11, 9, 8, 20))
    return desk.case


def documents_review(people: People) -> Application:
    """The documents are with the firm's checker."""
    what = "結算部同仁2人於11月15日確診，同樓層人員須隔離至11月22日。"
    case = notice(people, "dingzhou", ("clearing",), what, on(11, 16, 7, 25))
    Desk(people, case, "dingzhou").take(on(11, 16, 8, 30))
    return documents(people, "dingzhou", case, on(11, 19, 9))


def noticed(people: People) -> Application:
    """A notice that nobody has taken yet."""
    what = "經紀業務部主辦及代理人同日列為接觸者須隔離，營業處所無人可承接電話委託。"
    return notice(people, "yifeng", ("brokerage",), what, on(11, 20, 12, 50), event="isolated")
