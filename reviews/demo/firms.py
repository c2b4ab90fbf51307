"""The six fictional firms and everybody who signs in: data alone. Every name, number and address is made up."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.enums import Licence, Role

SAMPLE = "jiashan"  # the firm of the sample filing
EXCHANGE = "twse.example"


@dataclass(frozen=True)
class DemoUser:
    """Somebody who signs in; ``firm`` is a key of ``FIRMS``, "" for the exchange."""

    email: str
    name: str
    title: str
    role: Role
    firm: str = ""


@dataclass(frozen=True)
class DemoFirm:
    """A firm, and what its answers and evidence say of it.

    ``staff``: business line -> how many work at home and how many on site, besides the line's supervisor on site.
    """

    key: str
    name: str
    name_en: str
    broker_code: str
    business_number: str
    licences: tuple[Licence, ...]
    prefix: str  # of staff numbers and of the names of its systems
    chairman: str
    president: str
    manager: str  # 副總經理: contact, and senior manager in charge
    compliance: str
    security: str
    audit: str
    risk: str
    meeting: str = ""
    seats: int = 7
    present: int = 7
    backup: str = ""
    branches: tuple[str, str] = ("", "")
    extension: str = "02"  # the two digits in its telephone numbers
    accounts: int = 0
    staff: tuple[tuple[str, int, int], ...] = ()

    @property
    def short(self) -> str:
        """甲山"""
        return self.name[:2]

    @property
    def domain(self) -> str:
        return f"{self.key}.example"

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for line, _, _ in self.staff)

    def email(self, who: str) -> str:
        return f"{who}@{self.domain}"

    def document_number(self, day: str, count: int = 1) -> str:
        """A 文號 of the firm: 甲證法字第1151106001號."""
        return f"{self.name[0]}證法字第{day}{count:03}號"


_B, _D, _U = Licence.BROKER, Licence.DEALER, Licence.UNDERWRITER

_FIRMS = (
    DemoFirm(
        key=SAMPLE,
        name="甲山證券股份有限公司",
        name_en="Jia-Shan Securities Co., Ltd.",
        broker_code="9Z01",
        business_number="99000105",
        licences=(_B, _D, _U),
        prefix="JS",
        chairman="林範堃",
        president="周擬真",
        manager="陳示喆",
        compliance="王擬𠮷",
        security="張虛䶮",
        audit="李代號",
        risk="陶喆二",
    ),
    DemoFirm(
        key="yifeng",
        name="乙峰證券股份有限公司",
        name_en="Yi-Feng Securities Co., Ltd.",
        broker_code="9Z02",
        business_number="99000214",
        licences=(_B,),
        prefix="YF",
        chairman="沈範川",
        president="葉擬成",
        manager="洪示遠",
        compliance="曾擬安",
        security="蔡虛白",
        audit="方代真",
        risk="唐示中",
        meeting="第6屆第11次董事會",
        backup="新竹異地備援中心",
        branches=("三重分公司", "竹北分公司"),
        extension="22",
        accounts=12400,
        staff=(("brokerage", 9, 4), ("clearing", 3, 2)),
    ),
    DemoFirm(
        key="binghe",
        name="丙禾證券股份有限公司",
        name_en="Bing-He Securities Co., Ltd.",
        broker_code="9Z03",
        business_number="99000312",
        licences=(_D,),
        prefix="BH",
        chairman="柯範岳",
        president="宋擬航",
        manager="杜示謙",
        compliance="程擬文",
        security="魏虛谷",
        audit="田代禾",
        risk="姜示衡",
        meeting="第4屆第8次董事會",
        seats=5,
        present=5,
        backup="臺中異地備援中心",
        branches=("內湖辦公室", "臺中辦公室"),
        extension="32",
        accounts=260,
        staff=(("dealer", 5, 3), ("clearing", 2, 2)),
    ),
    DemoFirm(
        key="dingzhou",
        name="丁洲證券股份有限公司",
        name_en="Ding-Zhou Securities Co., Ltd.",
        broker_code="9Z0D",
        business_number="99000410",
        licences=(_B, _D),
        prefix="DZ",
        chairman="余範澤",
        president="溫擬海",
        manager="莫示川",
        compliance="歐擬帆",
        security="倪虛舟",
        audit="翁代濱",
        risk="丁示潮",
        meeting="第7屆第15次董事會",
        seats=9,
        present=8,
        backup="高雄異地備援中心",
        branches=("左營分公司", "屏東分公司"),
        extension="42",
        accounts=8700,
        staff=(("brokerage", 6, 4), ("dealer", 4, 2), ("clearing", 3, 2)),
    ),
    DemoFirm(
        key="wuling",
        name="戊嶺證券股份有限公司",
        name_en="Wu-Ling Securities Co., Ltd.",
        broker_code="9Z05",
        business_number="99000517",
        licences=(_B, _D, _U),
        prefix="WL",
        chairman="石範岩",
        president="高擬松",
        manager="雷示峻",
        compliance="汪擬岑",
        security="嚴虛崗",
        audit="華代峰",
        risk="俞示嵐",
        meeting="第8屆第5次董事會",
        seats=7,
        present=6,
        backup="花蓮異地備援中心",
        branches=("花蓮分公司", "宜蘭分公司"),
        extension="52",
        accounts=5300,
        staff=(("brokerage", 5, 3), ("dealer", 3, 2), ("clearing", 3, 2)),
    ),
    DemoFirm(
        key="jiyang",
        name="己洋證券股份有限公司",
        name_en="Ji-Yang Securities Co., Ltd.",
        broker_code="9z06",
        business_number="99000615",
        licences=(_B, _U),
        prefix="JY",
        chairman="白範濤",
        president="梁擬瀚",
        manager="鄒示洋",
        compliance="龔擬港",
        security="賀虛浪",
        audit="祝代灣",
        risk="施示汐",
        meeting="第5屆第20次董事會",
        backup="基隆異地備援中心",
        branches=("基隆分公司", "淡水分公司"),
        extension="62",
        accounts=9100,
        staff=(("brokerage", 7, 4), ("clearing", 4, 2)),
    ),
)
FIRMS = {firm.key: firm for firm in _FIRMS}

_SAMPLE_FIRM = FIRMS[SAMPLE]

USERS = (
    DemoUser(_SAMPLE_FIRM.email("preparer"), "甲專員", "法令遵循室專員", Role.PREPARER, SAMPLE),
    DemoUser(_SAMPLE_FIRM.email("colleague"), "甲同仁", "資訊部專員", Role.PREPARER, SAMPLE),
    DemoUser(_SAMPLE_FIRM.email("checker"), _SAMPLE_FIRM.compliance, "協理", Role.CHECKER, SAMPLE),
    DemoUser(_SAMPLE_FIRM.email("admin"), "甲管理", "資訊部襄理", Role.FIRM_ADMIN, SAMPLE),
    *(
        user
        for firm in _FIRMS[1:]
        for user in (
            DemoUser(firm.email("preparer"), f"{firm.name[0]}專員", "法令遵循室專員", Role.PREPARER, firm.key),
            DemoUser(firm.email("checker"), firm.compliance, "協理", Role.CHECKER, firm.key),
        )
    ),
    DemoUser(f"officer@{EXCHANGE}", "陳承辦", "專員", Role.OFFICER),
    DemoUser(f"officer2@{EXCHANGE}", "林承辦", "專員", Role.OFFICER),
    DemoUser(f"supervisor@{EXCHANGE}", "黃主管", "組長", Role.SUPERVISOR),
    DemoUser(f"supervisor2@{EXCHANGE}", "許主管", "經理", Role.SUPERVISOR),
    DemoUser(f"auditor@{EXCHANGE}", "吳稽核", "稽核員", Role.AUDITOR),
    DemoUser(f"operator@{EXCHANGE}", "鄭管理", "系統管理師", Role.OPERATOR),
)
