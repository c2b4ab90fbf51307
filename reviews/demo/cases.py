"""The cases of the demo, one in each status."""

from __future__ import annotations

from datetime import date, timedelta

from applications.actions import drafting, filing, formal
from applications.enums import Status
from applications.models import Application
from applications.roster import read_upload, write_csv
from guideline.catalogue import Version
from guideline.shape import PRE_REVIEW
from reviews.actions import casework, deciding
from reviews.demo import emergencies, sample
from reviews.demo.builder import People, draft, file_sample, on, put_roster, refreshed, send, write
from reviews.demo.firms import FIRMS, SAMPLE
from reviews.demo.later import later
from reviews.demo.stories import DECLINE, ENDORSE, FORWARD, OPINION, REJECT, Desk, extension, filed

BROKERAGE, DEALER, CLEARING = ("brokerage",), ("dealer",), ("clearing",)


def cases(people: People) -> dict[Status, Application]:
    """Build them all; those that are submitted in the order of their numbers."""
    built = [
        make(people)
        for make in (
            under_review,
            emergencies.recorded,
            emergencies.overdue,
            approved,
            refused,
            forwarded,
            corrected,
            rejected,
            correction_review,
            awaiting_signoff,
            withdrawn,
            returned,
            emergencies.documents_review,
            submitted,
            internal_review,
            internal_returned,
            signed_off,
            unfinished,
            declined,
            endorsed,
            made_formal,
            pre_reviewed,
            emergencies.noticed,
        )
    ]
    later(people)
    return {Status(case.status): case for case in map(refreshed, built)}


def declined(people: People) -> Application:
    """不予核備: an extension that was asked for too early."""
    reason = "考量後續疫情發展，預為申請延展。"
    desk = extension(people, "binghe", reason, "俟疫情趨緩後恢復。", on(11, 19, 14, 5))
    desk.take(on(11, 19, 14, 30))
    desk.judge(on(11, 19, 15), {"2.1.2.reason": "原期間尚未開始，無從評估延展之必要。"})
    desk.recommend(
        DECLINE, "原核准期間尚未開始，所述理由尚屬推測，擬不予核備；得於期間屆滿前再行申請。", on(11, 19, 15, 20)
    )
    desk.decide_extension("臺證輔字第1150011250號", on(11, 19, 16), endorsed=False)
    return desk.case


def endorsed(people: People) -> Application:
    """同意核備: asked for again, with the reason in hand."""
    reason = (
        "營業處所所在大樓於115年11月19日公告結構補強工程延長至116年6月，原址無法容納交易室全部席位；"
        "異地備援中心席位已由經紀部門使用，另覓營業處所之租期最快116年6月起算。"
    )
    plan = "116年6月新址啟用後，分二批恢復營業處所辦公，第一批3人，第二批2人。"
    desk = extension(people, "binghe", reason, plan, on(11, 20, 9, 40))
    desk.take(on(11, 20, 10))
    desk.judge(on(11, 20, 11))
    desk.recommend(ENDORSE, "大樓公告屬實，理由正當；延展期間未逾三個月，擬同意核備。", on(11, 20, 11, 30))
    desk.decide_extension("臺證輔字第1150011266號", on(11, 20, 15), endorsed=True)
    return desk.case


def made_formal(people: People) -> Application:
    """轉為正式申請: a draft that was made from a pre-review, its ground and period still to be confirmed."""
    desk = filed(people, "yifeng", BROKERAGE, on(11, 20, 10, 30), kind=PRE_REVIEW, without=("2.2.8", "2.2.10"))
    desk.take(on(11, 20, 11))
    desk.judge(on(11, 23, 10), {"2.2.7.3": "請補充防火牆規則異動之核准層級及覆核頻率。"})
    desk.recommend(OPINION, "除聲明書及董事會議事錄尚未送審外，餘大致妥適。", on(11, 23, 10, 30))
    desk.give_opinion(on(11, 23, 14))
    return formal.make_formal(case_id=desk.case.pk, by=people.of("yifeng", "preparer"), at=on(11, 24, 9, 15))


def pre_reviewed(people: People) -> Application:
    """預審完成, with comments on two items; the new system has yet to be tested."""
    desk = filed(people, "wuling", BROKERAGE, on(11, 20, 11, 20), kind=PRE_REVIEW, without=("2.2.6", "2.2.10"))
    desk.officer, desk.supervisor = "officer2", "supervisor"
    desk.take(on(11, 20, 13, 30))
    desk.judge(
        on(11, 23, 15),
        {
            "2.2.5.3": "客戶資料畫面之遮罩未及於下單查詢頁，請於新系統上線前補充遮罩欄位之清單。",
            "3.1.4": "改版後電話轉接至居家端之錄音路徑尚未敘明，請補充並附測試計畫。",
        },
    )
    reasons = (
        "新系統預計12月上線，連線測試及董事會議事錄尚未送審；其餘書件除二項須補充外，大致妥適，正式申請時請一併補正。"
    )
    desk.recommend(OPINION, reasons, on(11, 24, 10))
    desk.give_opinion(on(11, 24, 15, 30))
    return desk.case


def under_review(people: People) -> Application:
    """The sample filing, in the officer's hands: half of it judged."""
    desk = Desk(people, file_sample(people), SAMPLE)
    desk.take(on(11, 9, 9, 30))
    desk.judge(on(11, 9, 11, 15), only=25)
    desk.judge(
        on(11, 9, 16, 40),
        {"2.2.7.2": "「開放連線時段」所列結算及申報作業得延至22:00，請補充月底及除權息高峰之核准程序與核准層級。"},
        only=25,
    )
    desk.note(
        "自營3名採替代措施（3.2.4），已請公司備妥115年10月23日風險評估會簽原本；下週與主管討論是否足夠。",
        on(11, 9, 17, 5),
    )
    desk.note("替代措施部分，請一併核對2.2.5.6之人數是否一致。", on(11, 10, 9, 20), "supervisor")
    return desk.case


def approved(people: People) -> Application:
    """核准 with conditions, the authority's letter on record."""
    desk = filed(people, "binghe", DEALER, on(11, 9, 9, 20))
    desk.take(on(11, 9, 11))
    desk.judge(on(11, 10, 15, 30))
    desk.recommend(
        FORWARD, "各項均符合指引；居家交易員5人全程視訊錄影，無替代措施，擬轉報主管機關核准。", on(11, 11, 9, 40)
    )
    desk.forward("臺證輔字第1150011101號", on(11, 11, 15, 10), "同意轉報。")
    desk.note("已電洽主管機關承辦，預計一週內函復。", on(11, 13, 14))
    desk.decide(
        "金管證券字第1150399901號",
        on(11, 19, 10, 25),
        approved=True,
        dated=date(2026, 11, 18),
        conditions="實施後首月應每週將視訊錄影抽查結果函報臺灣證券交易所。\n"
        "居家交易員單日損失達限額50%時，應改由營業處所交易員執行交易。",
    )
    return desk.case


def refused(people: People) -> Application:
    """駁回 by the authority."""
    desk = filed(people, "wuling", DEALER, on(11, 9, 10, 5))
    desk.officer, desk.supervisor = "officer2", "supervisor2"
    desk.take(on(11, 9, 13, 30))
    desk.judge(on(11, 10, 17))
    desk.recommend(FORWARD, "各項書件齊備，惟本公司首次申請自行買賣居家辦公，擬轉報主管機關核定。", on(11, 11, 10, 30))
    desk.forward("臺證輔字第1150011102號", on(11, 11, 16, 20))
    desk.decide("金管證券字第1150399902號", on(11, 20, 9, 50), approved=False, dated=date(2026, 11, 19))
    return desk.case


def forwarded(people: People) -> Application:
    """At the authority; handed over between officers on the way."""
    desk = filed(people, "jiyang", BROKERAGE, on(11, 9, 14, 30))
    desk.take(on(11, 9, 16))
    casework.hand_over(
        case_id=desk.case.pk,
        held_by=people.of("", "officer").pk,
        to=people.of("", "officer2"),
        by=people.of("", "supervisor"),
        at=on(11, 10, 9),
        remark="陳承辦本週受訓，由林承辦接續審查。",
    )
    desk.officer = "officer2"
    desk.judge(on(11, 12, 11, 45))
    desk.recommend(FORWARD, "逐項審查均符合；電話委託轉接及錄音備援程序完整，擬轉報。", on(11, 12, 16))
    desk.forward("臺證輔字第1150011103號", on(11, 13, 10, 30), "請留意主管機關對錄音保存年限之函詢。")
    return desk.case


def corrected(people: People) -> Application:
    """Two items were sent back and have come again; the rest keeps its verdicts."""
    desk = filed(people, "dingzhou", BROKERAGE, on(11, 9, 15, 10))
    desk.take(on(11, 10, 9, 10))
    desk.judge(
        on(11, 10, 16, 30),
        {
            "2.2.5.3": "遮罩欄位之「顯示」每日上限為50筆，惟未說明逾30筆示警後由何人於何時處理，請補充處理程序。",
            "3.1.5": "抽樣比率3%未說明母體之計算方式，請補充，並說明自行錄音者之比對程序。",
        },
    )
    desk.send_correction_letter(on(11, 11, 10))
    desk.answer_correction(
        {
            "2.2.5.3": "（補正）逾30筆之示警即時送資安課值班人員，值班人員應於15分鐘內電洽當事人及其主管確認用途，"
            "未能確認者立即停權；處理結果登載於表WFH-09A，法令遵循室每週覆核。",
            "3.1.5": "（補正）母體為前一週居家委託總筆數，每人至少5筆；自行錄音檔於上傳後次一營業日，"
            "由督導與公司錄音專線之複誦紀錄全數比對，不符者當日通知法令遵循室。",
        },
        on(11, 13, 14),
        "補正說明及佐證.pdf",
    )
    desk.submit(on(11, 13, 16, 45))
    return desk.case


def rejected(people: People) -> Application:
    """退件: not forwarded, with the officer's reasons."""
    desk = filed(people, "wuling", (*BROKERAGE, *CLEARING), on(11, 10, 10, 40))
    desk.officer, desk.supervisor = "officer2", "supervisor"
    desk.take(on(11, 10, 14))
    desk.judge(
        on(11, 12, 10),
        {
            "2.2.6": "測試期間貴公司主要交易系統尚未完成改版，所附測試報告為舊版系統之結果，無法證明新系統之安全連線。",
            "3.3.1": "申報檔之送出憑證保管於居家人員，與所述「憑證置於營業處所」不符。",
        },
    )
    desk.note("已電詢公司，新系統預計12月中旬上線，現階段無法補測。", on(11, 12, 11, 30))
    reasons = (
        "一、主要交易系統將於12月改版，所附測試報告非針對擬實施期間使用之系統，短期內無法補正。\n"
        "二、申報憑證之保管方式與應變計畫不符，涉及內部控制之修正。\n"
        "爰擬退件，請於完成改版及測試後重新申請。"
    )
    desk.recommend(REJECT, reasons, on(11, 12, 15, 20))
    case = refreshed(desk.case)
    by = people.of("", desk.supervisor)
    deciding.reject(case_id=case.pk, revision=case.revision, by=by, at=on(11, 13, 9, 15), remark="同意承辦意見。")
    return case


def correction_review(people: People) -> Application:
    """The firm has corrected; its checker has yet to read it."""
    desk = filed(people, "jiyang", CLEARING, on(11, 10, 14), count=2)
    desk.take(on(11, 10, 16, 10))
    desk.judge(
        on(11, 12, 14, 20),
        {
            "2.2.9": "同住家人任職他業之申報，未說明申報後如何調整職務或權限，請補充。",
            "3.3.1": "居家網路中斷逾15分鐘回歸營業處所承接，請補充承接人員之指定方式及交接紀錄。",
        },
    )
    desk.send_correction_letter(on(11, 16, 9, 30))
    desk.answer_correction(
        {
            "2.2.9": "（補正）申報後由法令遵循室於2個營業日內評估，必要時改派營業處所辦公、停用涉及該業務之查詢權限，"
            "並於異動時重新評估；評估結果登載於表WFH-14A。",
            "3.3.1": "（補正）承接人員依每月班表預先指定，中斷時由值班主管以電話通知並於表WFH-21登載交接時間、"
            "未完成項目及金額，恢復後由雙方核對簽認。",
        },
        on(11, 18, 10),
        "補正說明.pdf",
    )
    return desk.case


def awaiting_signoff(people: People) -> Application:
    """Put up a second time, after a supervisor had sent it back."""
    desk = filed(people, "dingzhou", DEALER, on(11, 11, 9, 30), count=2)
    desk.take(on(11, 11, 11))
    desk.judge(on(11, 12, 17, 30))
    desk.recommend(FORWARD, "各項均符合指引，擬轉報。", on(11, 13, 10))
    case = refreshed(desk.case)
    remark = "請於審查結論敘明視訊斷線逾3分鐘之處理方式，再行陳核。"
    by = people.of("", desk.supervisor)
    deciding.send_back(case_id=case.pk, revision=case.revision, remark=remark, by=by, at=on(11, 13, 16))
    desk.note("已與公司確認：斷線逾3分鐘系統自動鎖定下單，由營業處所交易員承接。", on(11, 16, 9, 40))
    reasons = "各項均符合指引。視訊斷線逾3分鐘即鎖定下單，並由營業處所交易員承接，處理方式明確，擬轉報主管機關核准。"
    desk.recommend(FORWARD, reasons, on(11, 16, 10, 30))
    return desk.case


def withdrawn(people: People) -> Application:
    """撤回 by the firm's checker while under review."""
    desk = filed(people, "dingzhou", CLEARING, on(11, 11, 10, 10), count=3)
    desk.take(on(11, 11, 14))
    case = refreshed(desk.case)
    filing.withdraw(
        case_id=case.pk,
        revision=case.revision,
        by=people.of("dingzhou", "checker"),
        at=on(11, 13, 11, 20),
        reason="本公司結算作業改由高雄異地備援中心全數承接，評估後無須居家辦公，爰撤回本案。",
    )
    return case


def returned(people: People) -> Application:
    """退請補正: two items are open to the firm."""
    desk = filed(people, "yifeng", BROKERAGE, on(11, 12, 9, 30))
    desk.take(on(11, 12, 13, 30))
    desk.judge(
        on(11, 18, 16),
        {
            "2.2.6": "測試報告未見離職人員帳號停用後之連線測試結果，請補充測試紀錄；"
            "複測通過之1台筆電，請附更新後之畫面。",
            "3.1.4": "自行錄音後於「下單後10分鐘內」回報公司，與作業程序所載起算點不一致，請釐清；"
            "並說明如何判斷營業處所滿線。",
        },
    )
    desk.note("兩項均非重大，公司表示一週內可補正。", on(11, 18, 17, 10))
    desk.send_correction_letter(on(11, 19, 10))
    return desk.case


def submitted(people: People) -> Application:
    """送件, nobody has taken it yet."""
    return filed(people, "yifeng", CLEARING, on(11, 18, 16, 20), count=2).case


def internal_review(people: People) -> Application:
    """With the firm's checker."""
    case = draft(people, "wuling", CLEARING, at=on(11, 19, 10), first_day=date(2026, 12, 7), last_day=date(2027, 3, 5))
    return send(case, people, firm="wuling", at=on(11, 19, 15), number=FIRMS["wuling"].document_number("1151119"))


def internal_returned(people: People) -> Application:
    """The checker wants something changed before it goes out."""
    case = draft(
        people, "wuling", BROKERAGE, at=on(11, 18, 10), first_day=date(2026, 12, 21), last_day=date(2027, 3, 19)
    )
    case = send(case, people, firm="wuling", at=on(11, 18, 17), number=FIRMS["wuling"].document_number("1151118"))
    return filing.return_to_preparer(
        case_id=case.pk,
        revision=case.revision,
        by=people.of("wuling", "checker"),
        at=on(11, 19, 9, 40),
        reason="交易系統改版後之測試尚未重做，2.2.6請改填12月之測試結果後再送；網站公告日期亦請一併更新。",
    )


def signed_off(people: People) -> Application:
    """Signed off by the checker, to be submitted."""
    case = draft(people, "binghe", CLEARING, at=on(11, 19, 9), first_day=date(2026, 12, 1), last_day=date(2027, 2, 26))
    case = send(case, people, firm="binghe", at=on(11, 19, 13), number=FIRMS["binghe"].document_number("1151119"))
    by = people.of("binghe", "checker")
    return filing.sign_off(case_id=case.pk, revision=case.revision, by=by, at=on(11, 19, 17, 30))


def unfinished(people: People) -> Application:
    """甲山's next case, begun by the preparer's colleague: some sections done, some half done, most empty."""
    at, by = on(11, 20, 14), people.of(SAMPLE, "colleague")
    case = drafting.create_draft(firm=people.firms[SAMPLE], by=by, at=at)
    given = sample.answers()
    given["2.2.1"] |= {
        "first_day": "2027-03-02",
        "last_day": "2027-05-31",
        "text": "申請居家辦公期間：自民國116年3月2日起至116年5月31日止，未逾三個月，始日算入。"
        "前案期間如獲核准，將於116年2月28日屆滿；本案為預先準備，視疫情發展再行送件。",
    }
    given["2.2.3"] |= {
        "lines": ["brokerage", "clearing"],
        "text": "本次擬申請受託買賣、結算及申報二項；自行買賣回復營業處所辦公。（範圍待經紀業務部確認）",
    }
    given["2.2.5.1"] |= {"personal_trading": "", "text": ""}
    done = ("1", "2.2.1", "2.2.3", "2.2.5")
    write(case, given, by=by, at=at, only=done)
    put_roster(case, "roster.csv", _without_dealers(case.version), by=by, at=at + timedelta(minutes=40))
    return case


def _without_dealers(version: Version) -> bytes:
    """The sample's roster, less those whose line is not asked for."""
    rows, _ = read_upload("roster.xlsx", (sample.FOLDER / "roster.xlsx").read_bytes(), version)
    return write_csv([row for row in rows if "dealer" not in row.lines], version)
