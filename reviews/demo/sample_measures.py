"""The facts of the sample filing as the fields of the version: Part Three.

Every value comes from filing.json, except a few that it says only in words (marked 「text」).
"""

from __future__ import annotations

from reviews.demo.sample_filing import ANSWER, INTERVAL, Values, facts_of, hours, short, yesno


def fields() -> dict[str, Values]:
    """Item id -> field -> value."""
    return _brokerage() | _dealer() | _clearing() | _common()


def _brokerage() -> dict[str, Values]:
    f = {number: facts_of(f"3.1.{number}") for number in range(1, 8)}
    own = [
        {
            "device_no": device["device_no"],
            "approved_on": device["approved_on"],
            "tested_on": device["security_test_on"],
            "report_no": device["report_no"],
        }
        for device in f[2]["own_devices"]
    ]
    return {
        "3.1.1": {
            "daily_declaration": yesno(f[1]["daily_declaration"]),
            "check": f[1]["check"],
            "owner": f[1]["owner"],
        },
        "3.1.2": {
            "company_devices": f[2]["company_devices"],
            "own_devices_used": yesno(bool(own)),
            "own_devices": own,
            "official_use_only": yesno(f[2]["official_use_only"]),
        },
        "3.1.3": {
            "trail": yesno(f[3]["trail"]),
            "retention_years": f[3]["retention_years"],
            "clock": f"{f[3]['ntp_error_s']} 秒",
            "sampling": f"每月 {f[3]['sample_per_month']} 筆",
        },
        "3.1.4": {
            "via_office": yesno(f[4]["via_office"]),
            "recording": "with_fallback",
            "own_recording": yesno(f[4]["fallback"]["own_recording"]),
            "report_back": ["call", "email"],  # text
            "report_back_minutes": f[4]["fallback"]["report_back_minutes"],
            "reason": f[4]["fallback"]["reason"],
        },
        "3.1.5": {
            "interval": INTERVAL[f[5]["interval"]],
            "marker": f[5]["marker"],
            "sampling": f[5]["sampling"],
            "own_recording_sampling": f[5]["own_recording"],
        },
        "3.1.6": {
            "limits": f[6]["limits"],
            "can_change_limits": yesno(f[6]["can_change_limits"]),
            "alerts": f"偏離參考價 {f[6]['alert']['price_deviation']}、單筆逾 {f[6]['alert']['single_order_twd']:,} 元",
        },
        "3.1.7": {
            "policy": "open",
            "controls": f[7]["channel"],
            "pre_approval": yesno(f[7]["pre_approval"]),
            "check_interval": INTERVAL[f[7]["interval"]],
        },
    }


def _dealer() -> dict[str, Values]:
    f = {number: facts_of(f"3.2.{number}") for number in range(1, 9)}
    return {
        "3.2.1": {
            "daily_declaration": yesno(f[1]["daily_declaration"]),
            "staged_records": yesno(f[1]["four_stage_records"]),
            "owner": f[1]["owner"],
        },
        "3.2.2": {
            "company_only": yesno(f[2]["company_only"]),
            "devices": "\n".join(f[2]["devices"]),
            "hardware": short(f[2]["hardware"]),
            "software": short(f[2]["software"]),
        },
        "3.2.3": {
            "trail": yesno(f[3]["trail"]),
            "retention_years": f[3]["retention_years"],
            "roles": short(f[3]["roles"]),
            "sampling": short(list(f[3]["sampling"].values())),
        },
        "3.2.4": {
            "method": "mixed",
            "video_heads": f[4]["full_video"],
            "substitute_heads": f[4]["substitute"],
            "risk_assessed_on": f[4]["risk_assessed_on"],
            "risk_rating": "medium",  # text
            "measures": short(f[4]["substitute_measures"]),
            "secrecy_checks": short(list(f[4]["secrecy_checks"].values())),
            "retention_years": f[4]["retention_years"],
        },
        "3.2.5": {
            "hours": [hours(f[5]["hours"])],
            "off_shift_blocked": yesno(f[5]["off_shift_blocked"]),
            "forced_logout": f[5]["forced_logout"],
        },
        "3.2.6": {
            "interval": INTERVAL[f[6]["interval"]],
            "marker": f[6]["marker"],
            "sampling": f[6]["sampling"],
            "video_minutes": f[6]["video_minutes_per_week"],
        },
        "3.2.7": {
            "both_places": yesno(f[7]["both_places"]),
            "same_system": yesno(f[7]["same_system"]),
            "home_factor": str(f[7]["home_factor"]),
            "thresholds": short(list(f[7]["thresholds"].values())),
        },
        "3.2.8": {
            "policy": f[8]["policy"],
            "exceptions": short(f[8]["exceptions"]),
            "cool_off_days": f[8]["cool_off_business_days"],
            "check_interval": INTERVAL[f[8]["check_interval"]],
        },
    }


def _clearing() -> dict[str, Values]:
    def task(row: Values) -> Values:
        division = None
        if row.get("send") == "on_site":
            division = "居家產製，營業處所送出"
        elif row.get("home_part"):
            division = f"居家：{row['home_part']}；其餘於營業處所"
        place = "split" if division else row["place"]
        return {"task": row["task"], "place": place, "division": division, "agent": row.get("agent")}

    settlement, client = facts_of("3.3.1"), facts_of("3.3.2")
    return {
        "3.3.1": {
            "tasks": [task(row) for row in settlement["tasks"]],
            "handback_minutes": settlement["handback_minutes"],
        },
        "3.3.2": {"tasks": [task(row) for row in client["tasks"]], "daily_check_at": client["daily_check"]},
    }


def _common() -> dict[str, Values]:
    filed, data, trail, meeting = (facts_of(f"3.4.{number}") for number in range(1, 5))
    room, kept, senior, checks = (facts_of(f"3.5.{number}") for number in range(1, 5))
    control = facts_of("3.6")
    return {
        "3.4.1": {
            "as_filed": yesno(filed["as_filed"]),
            "checklist_items": filed["checklist_items"],
            "check_interval": INTERVAL[filed["check_interval"]],
            "vpn_capacity": filed["vpn_capacity"],
        },
        "3.4.2": {
            "software": short(data["software"]),
            "services_closed": data["services_closed"],
            "no_data_landing": ANSWER[data["no_data_landing"]["answer"]],
            "means": "\n".join(data["no_data_landing"]["means"]),
            "tablets": yesno(data["tablets"]),
        },
        "3.4.3": {
            "systems": short(trail["systems"]),
            "retention_years": trail["retention_years"],
            "worm": yesno(trail["worm"]),
        },
        "3.4.4": {
            "platform": meeting["platform"],
            "waiting_room": yesno(meeting["waiting_room"]),
            "local_recording": yesno(meeting["local_recording"]),
            "link_hours": meeting["link_hours"],
        },
        "3.5.1": {
            "separate_room": yesno(room["separate_room"]),
            "inspected": room["inspected"],
            "passed": room["passed"],
            "spot_checks": room["spot_checks"],
        },
        "3.5.2": {
            "records": [{"record": record, "kept": term} for record, term in kept["retention"].items()],
            "handback_days": kept["handback_days"],
        },
        "3.5.3": {
            "manager_name": senior["manager"]["name"],
            "manager_title": senior["manager"]["title"],
            "manager_senior": yesno(senior["manager"]["senior_manager"]),
            "deputy_name": senior["deputy"]["name"],
            "deputy_title": senior["deputy"]["title"],
            "on_site": yesno(senior["on_site"]),
            "rollcalls": short(senior["rollcalls"]),
        },
        "3.5.4": {
            "interval": INTERVAL[checks["interval"]],
            "special_audit_interval": INTERVAL[checks["special_audit"]],
            "checked_items": checks["items"],
            "sampling": checks["sampling"],
        },
        "3.6": {
            "internal_control": short(control["internal_control"]),
            "audit_steps": short(control["audit_steps"]),
            "adopted_on": control["adopted_on"],
            "kept_at": control["kept_at"],
            "retention": control["retention"],
        },
    }
