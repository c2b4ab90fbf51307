"""What an auditor of the demo finds: two old cases, one of them destroyed, a legal hold, readings, a search."""

from __future__ import annotations

from datetime import datetime, timedelta

from applications.actions import filing, operating
from applications.actions.evidence import log_reading
from applications.enums import Status
from applications.models import Application
from reviews import retention
from reviews.actions import disposing
from reviews.demo.builder import People, on
from reviews.demo.emergencies import notice
from reviews.models import SavedSearch

YEARS = 3  # instead of the version's five, so that the two are over


def past(people: People) -> None:
    """Build it, after all other cases."""
    operator, auditor = people.of("", "operator"), people.of("", "auditor")
    reason = "示範：保存年限調整為三年"
    operating.set_parameter(
        name="retention_years", value=YEARS, seen=None, reason=reason, by=operator, at=on(11, 20, 17)
    )
    withdrawn(people, "wuling", "大樓管理委員會通知全棟消毒三日，營業處所無法進入。", on(10, 17, 7, 30, year=2022))
    destroy(people, on(11, 20, 17, 10))
    withdrawn(people, "jiyang", "同層租戶多人確診，本層封閉，結算作業人員無法進入。", on(11, 14, 7, 40, year=2022))
    held = Application.objects.get(firm=people.firms["binghe"], status=Status.APPROVED)
    for who, minute in (("officer", 10), ("officer", 50), ("supervisor", 55)):
        log_reading(held, 40, by=people.of("", who), at=on(11, 20, 16, minute))
    why = "主管機關來函調閱本案往來資料，調閱完畢前不得銷毀。"
    disposing.hold(case_id=held.pk, reason=why, by=auditor, at=on(11, 20, 17, 20))
    SavedSearch.objects.create(user=auditor, name="名冊閱覽", query="kinds=roster_read", created_at=on(11, 20, 17, 30))


def withdrawn(people: People, firm: str, what: str, at: datetime) -> None:
    """A notice that the firm took back the day after: the premises could be used again."""
    case = notice(people, firm, ("clearing",), what, at)
    filing.withdraw(
        case_id=case.pk,
        revision=case.revision,
        by=people.of(firm, "checker"),
        at=at + timedelta(days=1),
        reason="營業處所已恢復使用。",
    )


def destroy(people: People, at: datetime) -> None:
    """Everything that is over: put up by one supervisor, released by the other, destroyed."""
    basis = retention.basis(disposing.candidates(retention.over(today=at.date())))
    disposal = disposing.propose(basis=basis, by=people.of("", "supervisor"), at=at)
    later = at + timedelta(minutes=5)
    disposing.release(disposal_id=disposal.pk, by=people.of("", "supervisor2"), at=later)
    disposing.destroy_released(at=later)
