"""The facts of the sample filing as the fields of the version: Parts One and Two.

Every value comes from filing.json, except a few that it says only in words (marked 「text」).
"""

from __future__ import annotations

from typing import Any

from reviews.demo.sample_filing import ANSWER, INTERVAL, LEVEL, Values, facts_of, filing, hours, short, yesno

RISKS = {
    "information_security": "資訊安全",
    "legal": "法律",
    "operational": "作業",
    "personal_data": "個資",
    "financial_crime": "金融犯罪",
}
MEASURES = ("mfa", "encryption", "least_privilege", "full_audit_trail", "alerting", "patching", "awareness")


def fields() -> dict[str, Values]:
    """Item id -> field -> value."""
    return _conditions() | _scope() | _measures() | _records()


def _conditions() -> dict[str, Values]:
    place, hit = facts_of("1.alt"), facts_of("1.3")
    sites = [
        {
            "name": site["name"],
            "seats": site["seats"],
            "usable_seats": site["usable_seats"],
            "used": yesno(site["used"]),
            "why": site["why_not_enough"],
        }
        for site in place["sites"]
    ]
    rows = [
        {
            "role": row["role"],
            "line": row["line"],
            "principal_hit": yesno(row["principal_hit"]),
            "agent_hit": yesno(row["agent_hit"]),
            "measure": {"自主健康管理": "self_management"}[row["measure"]],
            "date_from": row["date_from"],
            "date_to": row["date_to"],
            "counted": yesno(row.get("counted")),
        }
        for row in hit["hit"]
    ]
    cases = facts_of("1.2")
    return {
        "1.def": facts_of("1.def"),
        "1.alt": {"use": "partly", "sites": sites},  # text: 部分採用
        "1.1": facts_of("1.1"),
        "1.2": {"count": cases["count"], "as_of": cases["as_of"], "premises": short(cases["premises"])},
        "1.3": {"hit": rows},
    }


def _scope() -> dict[str, Values]:
    period, people_of, scope = facts_of("2.2.1"), facts_of("2.2.2"), facts_of("2.2.3")
    contact, second = people_of["contact"], people_of["second_contact"]
    return {
        "2.2.1": {"first_day": period["first_day"], "last_day": period["last_day"]},
        "2.2.2": {
            "contact_name": contact["name"],
            "contact_title": contact["title"],
            "contact_senior": yesno(contact["senior_manager"]),
            "contact_phone": contact["phone"],
            "contact_mobile": contact["mobile"],
            "contact_email": contact["email"],
            "second_name": second["name"],
            "second_title": second["title"],
            "second_phone": second["phone"],
            "second_email": second["email"],
        },
        "2.2.3": {"lines": scope["lines"], "excluded": short(scope["excluded"])},
        "2.2.4": {"procedures": [{"key": key, **row} for key, row in facts_of("2.2.4")["procedures"].items()]},
    }


def _measures() -> dict[str, Values]:
    conduct, told, data = facts_of("2.2.5.1"), facts_of("2.2.5.2"), facts_of("2.2.5.3")
    client, notice, test = facts_of("2.2.5.4"), facts_of("2.2.5.5"), facts_of("2.2.6")
    return {
        "2.2.5.1": {
            "activities": f"{conduct['activities_listed']} 項",
            "channels": short(conduct["channels"]),
            "personal_trading": conduct["personal_trading"],
            "check_interval": INTERVAL[conduct["check_interval"]],
            "supervisors_at_home": yesno(conduct["supervisors_work_from_home"]),
        },
        "2.2.5.2": told,
        "2.2.5.3": {
            "retention_years": data["retention_years"],
            "masked": yesno(data["mask"]),
            "daily_view_limit": data["daily_view_limit"],
            "alert_at": data["alert_at"],
            "incident_report_hours": data["incident_report_hours"],
        },
        "2.2.5.4": {
            "identification": short(client["two_of_three"]),
            "callback_threshold": client["callback_threshold_twd"],
            "sampling_rate": client["sampling_rate"],
            "lockout": client["lockout"],
        },
        "2.2.5.5": {
            "notice_state": "posted",
            "notice_on": notice["published_on"],
            "url": notice["url"],
            "on_home_page": yesno(notice["on_home_page"]),
            "pushed_to": notice["pushed_to_accounts"],
        },
        "2.2.5.6": _recording(),
        "2.2.6": {
            "tests": [
                {
                    "tested_from": test["tested_from"],
                    "tested_to": test["tested_to"],
                    "scope": f"{test['systems']} 類系統",
                    "cases": test["cases"],
                    "first_pass": test["first_pass"],
                    "result": "partly",  # text: 2 of 126 cases passed the retest only
                    "retested_on": test["retested_on"],
                    "retest_result": test["result"],
                }
            ],
            "secure_only": yesno(test["secure_connection_only"]),
            "refused_attempts": test["refused_attempts"],
            "report_on": test["report_on"],
        },
        **_security(),
    }


def _recording() -> Values:
    own, video = facts_of("2.2.5.6"), facts_of("3.2.4")
    brokerage, dealer, clearing = (own["per_line"][key] for key in ("brokerage", "dealer", "clearing"))
    return {
        "daily_test_at": own["daily_test_at"],
        "methods": [
            {"key": "brokerage", "method": brokerage["method"], "retention_years": brokerage["retention_years"]},
            {
                "key": "dealer",
                "method": "mixed",
                "video_heads": video["full_video"],
                "substitute_heads": dealer["substitute_heads"],
                "reason": dealer["reason"],
                "risk_assessed_on": video["risk_assessed_on"],
                "retention_years": dealer["retention_years"],
            },
            {"key": "clearing", "method": "log", "reason": clearing["reason"]},
        ],
    }


# how filing.json's facts on a measure read in words
DETAILS = {
    "factors": "{}",
    "detail": "{}",
    "online_years": "線上保存 {} 年",
    "offline_years": "離線保存 {} 年",
    "rules": "{} 條示警規則",
    "critical_hours": "重大漏洞 {} 小時內更新",
    "interval": "{}宣導",
    "minutes": "{} 分鐘內中斷",
}


def _security() -> dict[str, Values]:
    remote, login, wall, rights = (facts_of(f"2.2.7.{number}") for number in (1, 2, 3, 4))

    def measure(key: str, said: Any) -> Values:
        answer = said if isinstance(said, str) else said["answer"]
        details = {} if isinstance(said, str) else {name: value for name, value in said.items() if name != "answer"}
        detail = "、".join(DETAILS[name].format(short(value)) for name, value in details.items())
        return {"key": key, "in_place": ANSWER[answer], "detail": detail or None}

    keys = {"full_audit_trail": "audit_trail"}
    return {
        "2.2.7.1": {
            "mechanism": [name.lower() for name in remote["mechanism"]],
            "measures": [
                {"key": "remote_access", "in_place": "yes"},
                *(measure(keys.get(name, name), remote[name]) for name in MEASURES),
            ],
        },
        "2.2.7.2": {
            "staff_only": yesno(login["staff_only"]),
            "device_trail": yesno(login["device_trail"]),
            "hours": [{"line": line, **hours(said)} for line, said in login["hours"].items()],
            "exceptions": login["exceptions"],
        },
        "2.2.7.3": {
            "measures": [
                measure("firewall", wall["firewall"]),
                {"key": "ports", "in_place": "yes", "detail": short(wall["ports_open"])},
                measure("monitoring", wall["monitoring"]),
                measure("cut_off", wall["cut_off"]),
            ],
            "cut_off_minutes": wall["cut_off"]["minutes"],
            "review_interval": INTERVAL[wall["rule_review"]],
        },
        "2.2.7.4": {
            "closed": short(rights["closed"]),
            "roles": rights["roles"],
            "systems": rights["systems"],
            "functions": rights["functions"],
            "review_interval": INTERVAL[rights["review"]],
        },
    }


def _records() -> dict[str, Values]:
    conflict, board, risk, training = (facts_of(key) for key in ("2.2.9", "2.2.10", "2.2.11", "2.2.12"))
    return {
        "2.2.8": facts_of("2.2.8"),
        "2.2.9": {
            "rules_name": conflict["rule"],
            "adopted_on": conflict["adopted_on"],
            "household_disclosure": yesno(conflict["household_disclosure"]),
            "violation_levels": conflict["levels"],
        },
        "2.2.10": {
            "form": board["kind"],
            "held_on": board["held_on"],
            "meeting": board["meeting"],
            "seats": board["seats"],
            "present": board["present"],
            "resolution": board["resolution"],
            "covers_lines": filing()["case"]["lines"],  # text: 三項業務
        },
        "2.2.11": {
            "assessed_on": risk["assessed_on"],
            "plan_fits": yesno(risk["plan_still_fits"]),
            "ratings": [
                {"key": key, **{side: LEVEL[level] for side, level in risk["ratings"][name].items()}}
                for key, name in RISKS.items()
            ],
        },
        "2.2.12": {
            "topic": training["topic"],
            "sessions": [
                {"held_on": day, "session": session, "make_up": yesno(session == "補訓")}
                for day, session in (entry.split(" ") for entry in training["sessions"])
            ],
            "attendance": training["attendance"],
            "at_home_attendance": training["at_home_attendance"],
            "next_due": training["next_due"],
        },
    }
