"""Who may do what at home on a day, by which case; phases, chains and whether an extension is open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from applications import ledger
from applications.enums import Status
from applications.ledger import Answer, Follower, Overlap, Period, Phase
from applications.models import Application, ApprovedPeriod, Deadline
from applications.workdays import Calendar
from guideline.catalogue import load
from tests.applications.ledgers import AT, People, at_home, day
from tests.factories import VERSION

WEEKDAYS = Calendar({}, frozenset({2026}))


def period(first: str, last: str, *, line: str = "dealer", ended: str = "", case: int = 1) -> Period:
    return Period(1, case, line, day(first), day(last), day(ended) if ended else None)


# --- phases ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "phase"),
    [
        ("2026-08-31", Phase.UPCOMING),
        ("2026-09-01", Phase.RUNNING),
        ("2026-10-30", Phase.RUNNING),  # 31 days are left
        ("2026-10-31", Phase.EXPIRING),  # 30
        ("2026-11-30", Phase.EXPIRING),  # the last day
        ("2026-12-01", Phase.EXPIRED),
    ],
)
def test_phase_follows_from_the_days_alone(on: str, phase: Phase) -> None:
    assert ledger.phase_of(day("2026-09-01"), day("2026-11-30"), None, day(on)) == phase


@pytest.mark.parametrize(
    ("on", "phase"),
    [("2026-09-14", Phase.RUNNING), ("2026-09-15", Phase.EXPIRING), ("2026-10-15", Phase.EXPIRING),
     ("2026-10-16", Phase.ENDED)],
)  # fmt: skip
def test_phase_of_a_period_that_ends_early(on: str, phase: Phase) -> None:
    assert ledger.phase_of(day("2026-09-01"), day("2026-11-30"), day("2026-10-15"), day(on)) == phase


def test_every_phase_has_a_tone() -> None:
    assert {phase.value: phase.tone for phase in Phase} == {
        "upcoming": "blue", "running": "green", "expiring": "amber", "expired": "grey", "ended": "grey",
    }  # fmt: skip


# --- chains ---------------------------------------------------------------------


def test_chain_of_a_period_and_the_day_that_completes_a_year() -> None:
    spans = [
        (day("2025-12-01"), day("2026-02-27")),  # a Friday
        (day("2026-03-02"), day("2026-05-31")),
        (day("2026-06-01"), day("2026-11-29")),
        (day("2027-03-01"), day("2027-03-31")),
    ]
    chain = ledger.chain_of(spans, day("2026-03-02"), WEEKDAYS)
    assert (chain.first, chain.last, chain.days) == (day("2025-12-01"), day("2026-11-29"), 364)
    assert (chain.year_on, chain.reaches) == (day("2026-11-30"), False)
    longer = ledger.chain_of([*spans, (day("2026-11-30"), day("2026-11-30"))], day("2026-06-01"), WEEKDAYS)
    assert (longer.year_on, longer.reaches) == (day("2026-11-30"), True)  # completing it on the last day counts
    alone = ledger.chain_of(spans, day("2027-03-01"), WEEKDAYS)
    assert (alone.first, alone.year_on) == (day("2027-03-01"), day("2028-02-29"))


# --- is an extension open? --------------------------------------------------------


def extension(on: str, one: Period, *, others: tuple[Period, ...] = (), followers: tuple[Follower, ...] = (),
              again: bool = True) -> Answer:  # fmt: skip
    return ledger.extension_of(one, version=load(VERSION), others=others, followers=followers, again=again, day=day(on))


def test_extension_is_open_from_the_approval_through_the_last_day() -> None:
    one = period("2026-12-01", "2027-02-28")
    for on in ("2026-11-20", "2026-12-01", "2027-02-28"):
        assert extension(on, one) == Answer(True, "116 年 2 月 28 日 24 時前送出者，仍屬期限內。", "2.1.2", "")
    assert extension("2027-03-01", one) == Answer(
        False, "期限已於 116 年 2 月 28 日 屆滿；延展應於期限屆滿前申請。", "2.1.2", "renewal"
    )


def test_extension_says_which_way_is_open_instead() -> None:
    closed = extension("2027-03-01", period("2026-12-01", "2027-02-28"))
    assert closed.instead == "期滿後仍有必要者，得於評估必要性後再提出申請。"
    assert extension("2027-02-28", period("2026-12-01", "2027-02-28")).instead == ""


def test_extension_once() -> None:
    one = period("2026-12-01", "2027-02-28")
    granted = extension("2027-01-15", one, followers=(Follower("WFH-116-00002", True),))
    assert granted == Answer(False, "已由 WFH-116-00002 延展（核備），不得重複申請。", "2.1.2", "renewal")
    of_extension = extension("2027-01-15", one, again=False)
    assert of_extension == Answer(False, "延展以 1 次為限。", "2.1.2", "renewal")


def test_extension_under_way_is_not_asked_for_twice_and_gives_no_right_of_itself() -> None:
    one = period("2026-12-01", "2027-02-28")
    waiting = (Follower("WFH-116-00002", False),)
    during = extension("2027-02-28", one, followers=waiting)
    assert during == Answer(False, "延展案 WFH-116-00002 辦理中，不得重複申請。", "2.1.2")
    after = extension("2027-03-01", one, followers=waiting)
    assert after.why == "延展案 WFH-116-00002 辦理中，不得重複申請。原期限已屆，延展案決定（核備）前不得居家辦公。"
    assert not after.open


def test_extension_of_a_period_that_ended_early() -> None:
    answer = extension("2026-12-15", period("2026-12-01", "2027-02-28", ended="2026-12-31"))
    assert answer == Answer(False, "已提前終止，最後居家日為 115 年 12 月 31 日。", "2.1.2", "renewal")


def test_extension_where_the_next_day_is_given_already() -> None:
    one = period("2026-12-01", "2027-02-28")
    following = period("2027-03-01", "2027-05-31", case=2)
    assert extension("2027-01-15", one, others=(following,)) == Answer(
        False, "自 116 年 3 月 1 日起已有得居家辦公之期間。", "2.1.2"
    )
    for other in (
        period("2027-03-02", "2027-05-31", case=2),
        period("2027-03-01", "2027-05-31", case=2, line="clearing"),
    ):
        assert extension("2027-01-15", one, others=(other,)).open


# --- rows -----------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2027-02-28T23:59:59+08:00", True),
        ("2027-02-28T23:59:59.999999+08:00", True),
        ("2027-03-01T00:00:00+08:00", False),
        ("2027-03-01T00:00:01+08:00", False),
        ("2027-02-28T15:59:59+00:00", True),  # 23:59:59 in Taipei
        ("2027-02-28T16:00:00+00:00", False),
    ],
)
def test_extension_is_open_until_the_last_second_of_the_last_day_in_taipei(at: str, is_open: bool) -> None:
    case = People().approved(("dealer", "2026-12-01", "2027-02-28"))
    assert ledger.extension_open(case, moment(at)).open is is_open


def test_extension_is_open_while_it_is_for_one_line() -> None:
    case = People().approved(("dealer", "2026-12-01", "2027-02-28"), ("clearing", "2026-12-01", "2027-01-31"))
    assert ledger.extension_open(case, moment("2027-02-15T10:00:00+08:00")).open
    closed = ledger.extension_open(case, moment("2027-03-01T10:00:00+08:00"))
    assert closed.why == "期限已於 116 年 2 月 28 日 屆滿；延展應於期限屆滿前申請。"


def test_extension_of_a_case_without_a_period() -> None:
    answer = ledger.extension_open(People().case(), AT)
    assert (answer.open, answer.why) == (False, "尚無得居家辦公之期間。")


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.DRAFT, "辦理中"),
        (Status.UNDER_REVIEW, "辦理中"),
        (Status.ENDORSED, "延展（核備）"),
        (Status.WITHDRAWN, ""),
        (Status.REJECTED, ""),
        (Status.DECLINED, ""),
    ],
)
def test_extension_after_another_one(status: str, why: str) -> None:
    people = People()
    case = people.approved(("dealer", "2026-12-01", "2027-02-28"))
    people.case("extension", status, previous=case)
    people.case("first", Status.UNDER_REVIEW, previous=None)
    answer = ledger.extension_open(case, AT)
    assert answer.open is (why == "")
    assert why in answer.why


def test_an_extension_is_not_extended() -> None:
    people = People()
    first = people.approved(("dealer", "2026-09-01", "2026-11-30"))
    case = people.case("extension", Status.ENDORSED, previous=first)
    people.approved(("dealer", "2026-12-01", "2027-02-28"), case=case)
    assert ledger.extension_open(case, AT).why == "延展以 1 次為限。"


def test_nobody_learns_of_anothers_draft() -> None:
    people = People()
    case = people.approved(("dealer", "2026-12-01", "2027-02-28"))
    people.case("extension", Status.DRAFT, previous=case)
    none = ledger.extensions_after([case.pk], among=Application.objects.exclude(status=Status.DRAFT))
    assert dict(none) == {}
    assert [one.granted for one in ledger.extensions_after([case.pk])[case.pk]] == [False]


def test_running_on_a_day() -> None:
    one, two = People(broker_code="Y100"), People(broker_code="Y200")
    mine = one.approved(("dealer", "2026-09-01", "2026-11-30"), ("clearing", "2026-09-01", "2026-11-30/2026-10-15"))
    later = one.approved(("dealer", "2026-12-01", "2027-02-28"))
    theirs = two.approved(("dealer", "2026-10-01", "2026-10-31"))

    def on(text: str) -> list[tuple[int, str, int]]:
        return [(right.firm_id, right.line, right.application_id) for right in at_home(day(text))]

    a, b = one.firm.pk, two.firm.pk
    assert on("2026-08-31") == []
    assert on("2026-10-15") == [(a, "clearing", mine.pk), (a, "dealer", mine.pk), (b, "dealer", theirs.pk)]
    assert on("2026-10-16") == [(a, "dealer", mine.pk), (b, "dealer", theirs.pk)]
    assert on("2026-11-30") == [(a, "dealer", mine.pk)]
    assert on("2026-12-01") == [(a, "dealer", later.pk)]
    assert on("2027-03-01") == []


def test_standings_show_what_bears_on_the_day() -> None:
    people = People()
    old = people.approved(("dealer", "2026-03-01", "2026-05-29"), ("clearing", "2026-03-01", "2026-05-29"))
    now = people.approved(("dealer", "2026-06-01", "2026-08-31"))
    coming = people.approved(("dealer", "2026-09-01", "2026-11-30"))
    rows = list(ApprovedPeriod.objects.select_related("application", "firm"))
    found = ledger.standings(rows, day=day("2026-08-01"), calendar=WEEKDAYS, among=Application.objects.all())
    assert [(one.row.application, one.row.line, one.phase, one.left) for one in found] == [
        (now, "dealer", Phase.EXPIRING, 30),
        (coming, "dealer", Phase.UPCOMING, None),
        (old, "clearing", Phase.EXPIRED, None),  # of the dealer something newer is shown
    ]
    assert {(one.chain.first, one.chain.last) for one in found} == {(day("2026-03-01"), day("2026-11-30"))}
    assert [one.extension.open for one in found] == [False, True, False]
    assert found[0].extension.why == "自 115 年 9 月 1 日起已有得居家辦公之期間。"


def test_the_last_filing_day_is_the_last_working_day() -> None:
    people = People()
    people.approved(("dealer", "2026-12-01", "2027-02-28"))  # ends on a Sunday
    rows = list(ApprovedPeriod.objects.select_related("application", "firm"))
    (one,) = ledger.standings(rows, day=AT.date(), calendar=WEEKDAYS, among=Application.objects.all())
    assert (one.file_by, one.file_by_known) == (day("2027-02-26"), False)


def test_the_phase_of_a_case_is_that_of_its_most_pressing_line() -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2026-11-30"), ("clearing", "2026-09-01", "2027-11-30"))
    rows = list(ApprovedPeriod.objects.all())
    on = ("2026-08-31", "2026-10-30", "2026-10-31", "2026-12-01", "2027-12-01")
    assert [ledger.phases_of_cases(rows, day(text))[case.pk] for text in on] == [
        Phase.UPCOMING, Phase.RUNNING, Phase.EXPIRING, Phase.RUNNING, Phase.EXPIRED,
    ]  # fmt: skip


# --- the only writer ---------------------------------------------------------------


def test_add_writes_a_period_for_each_line() -> None:
    people = People()
    case = people.case()
    written = ledger.add(case=case, spans={"dealer": (day("2026-12-01"), day("2027-02-28"))}, by=people.preparer, at=AT)
    assert [ledger.plain(row) for row in written] == [
        Period(people.firm.pk, case.pk, "dealer", day("2026-12-01"), day("2027-02-28"))
    ]
    assert ApprovedPeriod.objects.count() == 1


@pytest.mark.parametrize(
    ("last", "ok"),
    [("2026-11-30", False), ("2026-11-30/2026-10-15", True), ("2026-11-30/2026-10-16", False)],
)
def test_an_early_end_frees_the_days_after_it(last: str, ok: bool) -> None:
    people = People()
    earlier = people.approved(("dealer", "2026-09-01", last))
    spans = {"clearing": (day("2026-10-16"), day("2026-11-30")), "dealer": (day("2026-10-16"), day("2026-11-30"))}
    if ok:
        ledger.add(case=people.case(), spans=spans, by=people.preparer, at=AT)
        assert ApprovedPeriod.objects.count() == 3
        return
    with pytest.raises(Overlap) as overlap:
        ledger.add(case=people.case(), spans=spans, by=people.preparer, at=AT)
    assert [(line, row.application) for line, row in overlap.value.clashes] == [("dealer", earlier)]
    assert ApprovedPeriod.objects.count() == 1


def test_another_firm_and_another_line_do_not_overlap() -> None:
    one, two = People(), People()
    one.approved(("dealer", "2026-09-01", "2026-11-30"))
    span = (day("2026-09-01"), day("2026-11-30"))
    ledger.add(case=one.case(), spans={"clearing": span}, by=one.preparer, at=AT)
    ledger.add(case=two.case(), spans={"dealer": span}, by=two.preparer, at=AT)
    assert ApprovedPeriod.objects.count() == 3


def test_a_period_before_others_changes_the_year_of_those_that_follow() -> None:
    """A case that fills the gap before it completes a year in the one after: its risk assessment is due there."""
    people = People()
    last = day("2026-09-01") + timedelta(days=180)
    after = people.approved(("dealer", "2026-09-01", last.isoformat()))
    ledger.changed(after, [], since=None, at=AT)
    assert not Deadline.objects.filter(application=after).exists()
    ledger.add(
        case=people.case(), spans={"clearing": (day("2026-02-01"), day("2026-08-31"))}, by=people.preparer, at=AT
    )
    due = Deadline.objects.get(application=after, what="risk_assessment")
    assert due.due_on == date(2027, 1, 31)
    assert load(VERSION).duties
