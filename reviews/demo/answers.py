"""What the other five firms answer: the sample's answers in their own names, lines and head counts.

Texts that count heads or list business lines are written anew here; all others are the sample's, with the
names of its people, systems, sites and addresses replaced.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from guideline.catalogue import load
from reviews.demo import sample
from reviews.demo.firms import DemoFirm
from reviews.demo.staff import Counts, counts

Values = dict[str, Any]

SHORT = {line.id: line.short.zh for line in load(sample.VERSION).lines}
NAMES = {line.id: line.name.zh for line in load(sample.VERSION).lines}
HOURS = {"brokerage": "07:30–15:30", "dealer": "08:30–14:30", "clearing": "08:00–20:00（月底高峰得經核准延至22:00）"}
SCOPE = {
    "brokerage": "集中市場與櫃檯買賣有價證券之電話及電子委託接單、下單、改單、回報、錯帳通報；"
    "不含開戶、現金收付及當面委託。",
    "dealer": "權益證券部位之買賣、避險及造市報價維護；不含新種商品首次交易及部位限額調整之核定。",
    "clearing": "交割款券覆核、對主管機關及證交所之例行申報；不含款項放行、印鑑使用及實體券證之收付。",
}
ROLES = {"brokerage": "經紀業務部 電子委託監控", "dealer": "自營部 權益證券避險", "clearing": "結算部 交割款項覆核"}
PLAIN_NOTES = ("2.2.2", "2.2.4", "2.2.7.1", "3.3.1", "3.4.2")  # the sample's are there to be difficult


@dataclass(frozen=True)
class Filing:
    """One case of a firm: what it asks for, and the day on which it writes."""

    firm: DemoFirm
    lines: tuple[str, ...]
    first_day: date
    last_day: date
    today: date

    @property
    def counts(self) -> Counts:
        return counts(self.firm, self.lines)


def roc(day: date) -> str:
    """115年11月30日"""
    return f"{day.year - 1911}年{day.month}月{day.day}日"


def listed(lines: tuple[str, ...]) -> str:
    return "、".join(SHORT[line] for line in lines)


def answers(filing: Filing) -> dict[str, Values]:
    """Stored answers, item id -> field -> value, of every item that the version asks for these lines."""
    version = load(sample.VERSION)
    asked = [i.id for s in version.pages("first", filing.lines) for i in s.items]
    stored = sample.answers()
    swaps = _swaps(filing.firm)
    found = {item_id: _swapped(deepcopy(stored[item_id]), swaps) for item_id in asked}
    for item_id in PLAIN_NOTES:
        if item_id in found:
            found[item_id]["note"] = ""
    written = _conditions(filing) | _scope(filing) | _measures(filing) | _records(filing) | _lines(filing)
    for item_id, values in written.items():
        if item_id in found:
            found[item_id] |= values
    if "broker" not in filing.firm.licences:
        for item_id in {"2.2.5.4", "3.3.2"} & set(found):
            found[item_id] = {"answer": "na", "text": "", "note": "本公司僅經營自行買賣業務，無委託人，本項不適用。"}
    return found


def _swaps(firm: DemoFirm) -> list[tuple[str, str]]:
    """What of the sample is its own, and what stands in its place; the longest first."""
    given = sample.filing()["firm"]
    pairs = {
        given["name"]: firm.name,
        "甲證法字": f"{firm.name[0]}證法字",
        "jiashan-securities.example": firm.domain,
        "JiaShanSecurities": firm.name_en.split(" ")[0].replace("-", "") + "Securities",
        "JS-": f"{firm.prefix}-",
        "JS00017": f"{firm.prefix}00017",
        "shih-che.chen@": "manager@",
        "compliance+wfh@": "compliance@",
        "桃園異地備援中心": firm.backup,
        "板橋分公司": firm.branches[0],
        "臺中分公司": firm.branches[1],
        "5550-01": f"5550-{firm.extension}",
        "0900-000-1": f"0900-000-{firm.extension[0]}",
        given["chairman"]: firm.chairman,
        given["president"]: firm.president,
        given["compliance_head"]: firm.compliance,
        "陳示喆": firm.manager,
        "張虛䶮": firm.security,
        "李代號": firm.audit,
        "第9屆第17次董事會": firm.meeting,
        "31,000": f"{firm.accounts:,}",
        "（本件為虛構情境：新型變異株 XJ.7.1）": "（虛構情境）",
    }
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _swapped(value: Any, swaps: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for old, new in swaps:
            value = value.replace(old, new)
        return value
    if isinstance(value, list):
        return [_swapped(entry, swaps) for entry in value]
    if isinstance(value, dict):
        return {key: _swapped(entry, swaps) for key, entry in value.items()}
    return value


def _paragraphs(filing: Filing, item_id: str) -> str:
    """The sample's text of an item that has a paragraph for each business line, those of the lines asked for."""
    heads = tuple(f"【{SHORT[line]}】" for line in filing.lines)
    text = sample.filing()["clauses"][item_id]["text"]
    return "\n".join(_swapped([p for p in text.split("\n") if p.startswith(heads)], _swaps(filing.firm)))


def _rows(filing: Filing, item_id: str, table: str, key: str = "key") -> list[Values]:
    """The rows of a table of the sample that are about the lines asked for."""
    return [dict(row) for row in sample.answers()[item_id][table] if row[key] in filing.lines]


def _conditions(filing: Filing) -> dict[str, Values]:
    firm, heads, line = filing.firm, filing.counts, filing.lines[0]
    return {
        "1.alt": {
            "text": f"本公司先行評估另覓營業處所及異地備援之可行性，結論為「部分採用、不足以單獨因應」：\n"
            f"1. {firm.backup}（虛構地址，設席位12席）：已啟用；依室內間距1.5公尺計算，可用席位降為8席，"
            f"已配置結算及資訊人員，無法容納其餘須分流之{heads.at_home}人。\n"
            f"2. {firm.branches[1]}訓練教室：可用6席，無實體隔離及錄音設備，不符管控要求。\n"
            f"爰就異地備援可容納部分優先於異地辦公，其餘{heads.at_home}人申請居家辦公；"
            "疫情降級時以異地備援為第一優先回復地點（表WFH-02）。",
            "sites": [
                {"name": firm.backup, "seats": 12, "usable_seats": 8, "used": "yes", "why": "席位不足"},
                {
                    "name": f"{firm.branches[1]}訓練教室",
                    "seats": 6,
                    "usable_seats": 6,
                    "used": "no",
                    "why": "無隔離及錄音設備",
                },
            ],
        },
        "1.2": {
            "text": f"截至{roc(filing.today)}止，本公司營業處所員工尚無確診病例，故本款不列為申請條件。員工健康回報採"
            "「無記名彙總」，由管理部每日09:30前統計快篩陽性及發燒人數（僅人數與樓層，不含姓名與診斷），"
            "人數達1人時即召開緊急應變小組視訊會議，並於當日通報臺灣證券交易所。",
            "as_of": filing.today.isoformat(),
        },
        "1.3": {
            "text": f"經盤點，115年11月2日至11月5日間，「{ROLES[line]}」職務之主要承辦人1人因同住家人確診，"
            "依主管機關措施自主健康管理7日；其代理人1人同期亦因接觸同一來源須自主健康管理，"
            f"致該職務於營業處所無人可承接，已由{firm.backup}人員依表WFH-03臨時代行，並由部門主管覆核。"
            "本項僅列職務、人數、措施與起訖日，不列姓名及健康資料。",
            "hit": [
                {
                    "role": ROLES[line],
                    "line": line,
                    "principal_hit": "yes",
                    "agent_hit": "yes",
                    "measure": "self_management",
                    "date_from": "2026-11-02",
                    "date_to": "2026-11-08",
                    "counted": "yes",
                }
            ],
        },
    }


def _scope(filing: Filing) -> dict[str, Values]:
    firm, heads, period = filing.firm, filing.counts, f"{roc(filing.first_day)}起至{roc(filing.last_day)}止"
    each = "、".join(f"{SHORT[line]}{count}人" for line, count in heads.lines)
    licences = "、".join(str(licence.label) for licence in firm.licences)
    numbered = "\n".join(f"（{n}）{NAMES[line]}：{SCOPE[line]}" for n, line in enumerate(filing.lines, 1))
    excluded = [SHORT[line] for line in SHORT if line not in filing.lines] + ["開戶", "現金收付", "實體券證收付"]
    return {
        "2.2.1": {
            "first_day": filing.first_day.isoformat(),
            "last_day": filing.last_day.isoformat(),
            "text": f"申請居家辦公期間：自民國{period}，未逾三個月，始日算入。期間內之農曆春節封關日無交易，"
            "惟市場仍辦理結算交割之日，相關居家人員仍依本計畫作業。屆滿前如有正當理由，本公司將於期限屆滿前"
            f"送達延展申請；未獲核備前，自{roc(filing.last_day)}之次日起全員回復營業處所辦公。",
        },
        "2.2.2": {
            "text": f"本公司列入名冊之員工{heads.total}人，居家辦公{heads.at_home}人（{each}），"
            f"營業處所{heads.on_site}人（含異地備援中心輪值）。居家與營業處所分為A、B兩組，兩組人員不得接觸；"
            "各職務均設代理人，且主辦與代理人分屬不同組別，避免同時受影響。聯繫窗口為高階經理人"
            f"{firm.manager}副總經理，24小時手機及電子郵件均可聯繫；第二窗口為法令遵循主管{firm.compliance}協理。"
            f"負責監理之人員共{heads.supervisors}人，全數於營業處所辦公。人員異動時，於2個營業日內更新名冊（表WFH-04）。",
        },
        "2.2.3": {
            "lines": list(filing.lines),
            "excluded": "、".join(excluded),
            "text": f"本公司領有證券{licences}業務許可，本次申請居家辦公之業務範疇以下列{len(filing.lines)}項為限：\n"
            f"{numbered}\n未申請之業務僅能於營業處所執行；嗣後如需新增，將另依指引貳、一程序首次申請。",
        },
        "2.2.4": {"text": _paragraphs(filing, "2.2.4"), "procedures": _rows(filing, "2.2.4", "procedures")},
    }


def _measures(filing: Filing) -> dict[str, Values]:
    firm, heads = filing.firm, filing.counts
    told = sample.filing()["clauses"]["2.2.5.1"]["text"].replace("負責監理之7人", f"負責監理之{heads.supervisors}人")
    notice = sample.filing()["clauses"]["2.2.5.2"]["text"]
    notice = notice.replace("42人", f"{heads.at_home}人").replace("（含電子簽章6份）", "")
    login = sample.filing()["clauses"]["2.2.7.2"]["text"].partition("帳號格式為")[0]
    before, _, after = login.partition("受託買賣07:30")
    hours = "；".join(f"{SHORT[line]}{HOURS[line]}" for line in filing.lines)
    methods = _rows(filing, "2.2.5.6", "methods")
    for row in methods:
        if row["key"] == "dealer":
            row.clear()
            row |= {"key": "dealer", "method": "video", "retention_years": 1}
    recorded = _paragraphs(filing, "2.2.5.6")
    recorded = recorded.replace("3名交易員因居住空間限制改採替代措施，理由及風險評估見3.2.4。", "無採替代措施者。")
    swaps = _swaps(firm)
    return {
        "2.2.5.1": {"text": _swapped(told, swaps)},
        "2.2.5.2": {"text": _swapped(notice, swaps), "headcount": heads.at_home, "e_signed": 0},
        "2.2.5.5": {"pushed_to": firm.accounts},
        "2.2.5.6": {"text": recorded, "methods": methods},
        "2.2.6": {
            "text": f"本公司於115年10月14日至16日（3個交易日）實施遠距連線全流程測試，{heads.at_home}名居家人員自其實際"
            "居家地點連線，測試8類系統、共96項案例，首輪通過95項；未通過之1項（1台筆電防毒定義逾期）於10月20日"
            "複測通過，整體結果為「通過」。另驗證僅能透過公司SSL-VPN憑證連線：未安裝裝置憑證、停用EDR、境外IP及"
            f"非核定時段之連線共24次嘗試，全數遭拒並留下告警。壓力測試以{heads.at_home * 3 // 2}人同時連線"
            "（約為居家人數之1.5倍），登入95百分位6.8秒，下單往返中位數112毫秒，均優於門檻。",
            "tests": [
                {
                    "tested_from": "2026-10-14",
                    "tested_to": "2026-10-16",
                    "scope": "8 類系統",
                    "cases": 96,
                    "first_pass": 95,
                    "result": "partly",
                    "retested_on": "2026-10-20",
                    "retest_result": "passed",
                }
            ],
            "refused_attempts": 24,
        },
        "2.2.7.2": {
            "text": f"{before}{hours}；系統管理者不得居家連線{after.partition('系統管理者不得居家連線')[2]}",
            "hours": _rows(filing, "2.2.7.2", "hours", "line"),
        },
    }


def _records(filing: Filing) -> dict[str, Values]:
    firm, heads = filing.firm, filing.counts
    period = f"{roc(filing.first_day)}至{roc(filing.last_day)}"
    days = (filing.last_day - filing.first_day).days + 1
    return {
        "2.2.10": {
            "seats": firm.seats,
            "present": firm.present,
            "covers_lines": list(firm.lines),
            "text": f"本公司於115年10月28日召開{firm.meeting}，應出席董事{firm.seats}人，實際出席{firm.present}人，"
            "討論事項第二案「本公司因應嚴重特殊傳染病實施居家辦公案」經主席徵詢全體出席董事無異議照案通過，"
            f"同意就{listed(firm.lines)}業務得分案申請居家辦公，各案期間不逾三個月，並授權總經理於核准範圍內調整"
            "人員名單及啟動、終止時點。本公司為本國公司，無總公司或區域中心同意書代替之情形；亦非採事後追認。",
        },
        "2.2.11": {
            "assessed_on": None,
            "plan_fits": None,
            "ratings": [],
            "note": f"連續期間{days}日，未達1年",
            "text": f"本次為首次申請，申請期間{period}，前後並無相鄰之已核准期間，連續期間未達1年，"
            "依指引貳、二、(十一)免附執行風險評估。嗣後如經延展、再申請致連續達1年，將於達滿前完成年度評估。",
        },
        "2.2.12": {
            "attendance": heads.total,
            "at_home_attendance": heads.at_home,
            "text": "最近一次教育訓練於115年10月21日（上午、下午場）及10月22日（分公司視訊場）辦理，並於10月27日補訓，"
            f"列入名冊之{heads.total}人均完成，其中居家辦公{heads.at_home}人全數測驗達80分以上。課程3小時，主題為："
            "居家辦公作業規範與錄音錄影規定、個資與資安、內線交易與利益衝突、個人交易申報。另每月以電子郵件宣導1則"
            "並要求已讀回覆。新進居家人員於首次居家前完成線上課程。",
        },
        "3.5.1": {
            "inspected": heads.at_home,
            "passed": heads.at_home,
            "text": _swapped(
                sample.filing()["clauses"]["3.5.1"]["text"].replace("42人", f"{heads.at_home}人"), _swaps(firm)
            ),
        },
    }


def _lines(filing: Filing) -> dict[str, Values]:
    heads, written = filing.counts, {}
    if "brokerage" in filing.lines:
        written["3.1.2"] = {
            "company_devices": heads.of("brokerage"),
            "own_devices_used": "no",
            "own_devices": [],
            "text": f"居家使用之個人電腦，{heads.of('brokerage')}名受託買賣人員全數由公司統一配發筆記型電腦，"
            "不使用自有電腦。"
            "所有電腦於居家辦公期間僅得做為公務使用，以應用程式白名單及網頁分類過濾落實，違者即時阻擋並通知主管；"
            "每月遠端盤點1次，設備清冊與實機不符者停用連線。",
        }
    if "dealer" in filing.lines:
        count = heads.of("dealer")
        text = sample.filing()["clauses"]["3.2.2"]["text"]
        written["3.2.2"] = {
            "devices": "\n".join(f"NB-D{n:02}" for n in range(1, count + 1)),
            "text": text.replace("6人", f"{count}人").replace("NB-D06", f"NB-D{count:02}"),
        }
        written["3.2.4"] = {
            "method": "video",
            "video_heads": count,
            "substitute_heads": None,
            "risk_assessed_on": None,
            "risk_rating": None,
            "measures": None,
            "secrecy_checks": None,
            "text": f"{count}名居家交易員均於獨立空間架設視訊設備，08:30至14:30全程連線、全程錄影，影像保存1年，"
            "斷線逾3分鐘即鎖定下單並由營業處所交易員承接；無採替代措施者。主管每小時抽看，每週比對通聯與個人交易，"
            "確認無以職務上知悉之消息從事上市（櫃）有價證券買賣。",
        }
    return written
