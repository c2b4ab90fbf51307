"""What is written in the evidence of a fictional firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guideline.catalogue import load
from reviews.demo import sample
from reviews.demo.answers import Filing, answers, listed
from reviews.demo.firms import DemoFirm
from reviews.demo.staff import counts, people

SYSTEMS = ("SSL-VPN", "VDI", "交易或結算主系統", "客戶資料", "單一申報窗口", "錄音錄影", "視訊會議", "電子郵件")
CASES = ("正常登入", "動態密碼錯誤拒絕", "無裝置憑證拒絕", "非時段拒絕", "閒置鎖定", "列印阻擋", "軌跡送達SIEM")


@dataclass(frozen=True)
class Block:
    """A heading with what stands under it."""

    title: str
    paragraphs: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Paper:
    """One document."""

    title: str
    author: str
    blocks: tuple[Block, ...]
    heading: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()


def plan(firm: DemoFirm) -> Paper:
    """應變計畫: every item that the firm answers for any of its lines."""
    version = load(sample.VERSION)
    filing = Filing(firm, firm.lines, date(2026, 11, 30), date(2027, 2, 26), date(2026, 11, 6))
    written = answers(filing)
    blocks = [
        Block(
            "適用範圍",
            (
                f"本計畫依「{version.title.zh}」貳、二訂定，適用於{listed(firm.lines)}。各業務分案申請，"
                "各案之使用期間、居家人數及名冊以該案所填者為準；本計畫所列人數為全部業務同時啟動時之人數。",
                "本計畫經董事會通過後實施，由法令遵循室每半年檢視一次；作業方式、人員或系統有重大變動時隨時修正。",
            ),
        )
    ]
    group = ""
    for section in version.pages_of("first"):
        for item in section.items:
            if item.id in written:
                said = written[item.id]
                text = said["text"] or f"不適用：{said['note']}"
                blocks.append(
                    Block(f"{item.id} {item.title.zh}", (text,), new_page=bool(group) and section.group != group)
                )
                group = section.group
    return Paper(
        "因應嚴重特殊傳染病居家辦公應變計畫",
        firm.name,
        tuple(blocks),
        (
            f"文件編號：{firm.prefix}-BCP-WFH-115-01　版次：V1.2",
            f"中華民國115年10月28日{firm.meeting}通過（壹之辦理情形更新至115年11月6日）",
        ),
    )


def minutes(firm: DemoFirm) -> Paper:
    """董事會議事錄."""
    heads = counts(firm, firm.lines)
    return Paper(
        f"{firm.meeting}議事錄",
        firm.name,
        (
            Block(
                "壹、主席致詞",
                (
                    f"主席{firm.chairman}董事長報告：應出席董事{firm.seats}人，實際出席{firm.present}人，"
                    "已達法定開會人數，宣布開會。",
                ),
            ),
            Block(
                "貳、報告事項",
                (
                    "一、前次董事會議事錄確認案。決定：洽悉，並同意備查。",
                    f"二、115年第3季內部稽核業務報告（{firm.audit}）：本季完成查核8項，缺失2項均已改善。決定：洽悉。",
                    "三、疫情監測與營運持續整備情形報告：衛生福利部115年10月19日提升社區流行風險等級（虛構情境），"
                    f"緊急應變小組已召開會議，{firm.backup}可用席位經間距計算後為8席。決定：洽悉。",
                ),
            ),
            Block(
                "參、討論事項",
                (
                    "第一案　修訂「居家辦公利益衝突防範及違規處理要點」及相關內部控制作業、稽核實施細則案。\n"
                    "決議：照案通過。",
                    "第二案　本公司因應嚴重特殊傳染病實施居家辦公案。\n"
                    "說明：一、依「證券商因應嚴重特殊傳染病申請居家辦公指引」貳、二、(十)辦理。\n"
                    f"二、申請業務：{listed(firm.lines)}，得視需要分案申請。\n"
                    "三、期間：各案自核准之起日起不逾三個月；如需延展或再申請，另提董事會。\n"
                    f"四、人員：列入名冊{heads.total}人，全部業務同時啟動時居家{heads.at_home}人；"
                    f"監理人員{heads.supervisors}人均於營業處所。\n"
                    f"五、監督主管及聯繫窗口：{firm.manager}副總經理。\n"
                    "討論：獨立董事詢問居家期間紀錄之完整性，法令遵循主管說明所有連線、通話及委託均於公司系統留存，"
                    "並訂有定期比對及抽查程序。\n"
                    "決議：經主席徵詢全體出席董事，無異議照案通過；授權總經理於核准範圍內調整人員名單及啟動、終止時點；"
                    "實施首月應提報執行情形。",
                ),
                new_page=True,
            ),
            Block("肆、臨時動議", ("無。",)),
            Block("伍、散會", ("下午3時40分。",)),
        ),
        (f"時間：中華民國115年10月28日下午2時　主席：{firm.chairman}　紀錄：董事會秘書處",),
        (f"主席：{firm.chairman}（簽章）　　紀錄：董事會秘書處（簽章）",),
    )


def statement(firm: DemoFirm) -> Paper:
    """資通安全檢查機制聲明書."""
    signers = (
        ("董事長", firm.chairman),
        ("總經理", firm.president),
        ("資訊安全長", firm.security),
        ("稽核主管", firm.audit),
    )
    return Paper(
        "建立證券商資通安全檢查機制聲明書",
        firm.name,
        (
            Block(
                "聲明事項",
                (
                    f"{firm.name}（證券商代號：{firm.broker_code}）為因應嚴重特殊傳染病申請居家辦公，"
                    "謹依指引貳、二、(八)聲明如下：",
                    "一、本公司已依「建立證券商資通安全檢查機制」建立資通安全管理制度，並於115年度第3季完成自行檢查，"
                    "檢查項目全數辦理；待改善事項已於115年10月23日前改善完畢，並經內部稽核單位覆核。",
                    "二、居家辦公期間，本公司持續依上開機制辦理存取控制、通訊與作業安全、資通安全事件通報及教育訓練。",
                    "三、居家辦公人員僅能透過公司核可之安全遠距連線機制登入，採多因子身分驗證、加密連線及最小授權，"
                    "並以技術手段達成資料不落地。",
                    "四、上開聲明如有虛偽不實，本公司願負相關法律責任。",
                    "此致　臺灣證券交易所股份有限公司",
                ),
            ),
            Block("聲明人", (), ("職稱", "姓名", "簽章"), tuple((t, n, f"（簽章）{n}") for t, n in signers)),
        ),
        signed=("中華民國115年10月30日",),
    )


def test_report(firm: DemoFirm) -> Paper:
    """測試報告."""
    heads = counts(firm, firm.lines)
    found = tuple((system, "12", "11" if system == "VDI" else "12", "12") for system in SYSTEMS)
    details = tuple(
        (f"TC-{n:03}", SYSTEMS[(n - 1) // 12], CASES[n % 7], f"10/{14 + n // 3 % 3}", "複測通過" if n == 16 else "通過")
        for n in range(1, 97, 3)
    )
    return Paper(
        "居家辦公遠距連線系統測試報告",
        firm.name,
        (
            Block(
                "一、測試環境與方法",
                (
                    f"本次測試於115年10月14日至16日實施，{heads.at_home}名居家人員自其實際居家地點（僅記縣市）連線，"
                    "以模擬委託進行，不影響正式交易；另由資訊安全人員依24個拒絕情境嘗試。",
                    "閘道器採SSL-VPN雙機，TLS 1.3；家用線路為固網100M以上或公司配發之行動網路。",
                ),
            ),
            Block(
                "二、測試結果彙總",
                ("首輪通過95項；未通過之1項為1台筆電防毒定義逾期，更新後於10月20日複測通過。",),
                ("系統", "案例數", "首輪通過", "複測後通過"),
                found,
            ),
            Block(
                "三、測試案例明細（節錄）",
                ("全部96項之執行紀錄及畫面留存於資訊部。",),
                ("編號", "系統", "測試項目", "測試日", "結果"),
                details,
                True,
            ),
            Block(
                "四、資料不落地驗證",
                (
                    "以剪貼簿、列印、USB、磁碟對應、截圖、檔案拖放、瀏覽器上傳、電子郵件附件八種途徑，"
                    "自VDI將測試檔傳至居家電腦，均遭阻擋並產生DLP事件；關機後檢查磁碟，未發現殘留。",
                ),
                new_page=True,
            ),
            Block("五、結論", ("遠距連線系統功能、安全及效能均符合需求，僅能透過安全連線至公司系統，建議准予啟用。",)),
        ),
        ("測試期間：115年10月14日至16日（複測10月20日）",),
        (f"資訊安全長：{firm.security}（簽章）　　115年10月21日",),
    )


def training(firm: DemoFirm) -> Paper:
    """教育訓練紀錄."""
    staff = people(firm, firm.lines)
    names = ("第1場", "第2場", "第3場", "補訓")
    rows = tuple(
        (one.staff_no, one.department, one.title, names[n % 3] if n % 9 else names[3], "已簽到", str(80 + n * 7 % 20))
        for n, one in enumerate(staff)
    )
    sessions = [sum(row[3] == name for row in rows) for name in names]
    when = ("115/10/21 上午", "115/10/21 下午", "115/10/22 視訊", "115/10/27 補訓")
    return Paper(
        "居家辦公教育訓練及宣導紀錄（115年度下半年）",
        firm.name,
        (
            Block(
                "一、場次及出席",
                (f"列入名冊之{len(staff)}人均完成，測驗均達80分以上。",),
                ("場次", "日期時間", "實到"),
                tuple((name, day, str(n)) for name, day, n in zip(names, when, sessions, strict=True)),
            ),
            Block(
                "二、課程內容",
                (
                    "（一）居家辦公作業規範：點名、轉接、錄音錄影、表單填寫（0.5小時）。",
                    "（二）資訊安全與個資：釣魚郵件、公共網路、家用路由器、紙本、遮罩（0.5小時）。",
                    "（三）法令遵循：證券交易法第157條之1、負責人與業務人員管理規則第18條、洗錢防制（1小時）。",
                    "（四）利益衝突與個人交易、演練與測驗（1小時）。",
                ),
            ),
            Block(
                "三、權益義務告知及聲明書簽署",
                (
                    "115年10月29日舉行說明會，居家辦公人員全數出席並簽署「居家辦公權利義務告知暨法令遵循聲明書」。"
                    "說明事項：出勤與工時、職災通報、設備借用、錄音錄影目的與保存、個資及營業秘密、違規分級處置、申訴管道。",
                ),
                new_page=True,
            ),
            Block("四、出席及測驗名單", (), ("編號", "部門", "職稱", "場次", "簽到", "測驗"), rows),
        ),
        signed=(f"法令遵循主管：{firm.compliance}（簽章）",),
    )


def notice(firm: DemoFirm) -> Paper:
    """公司網站公告, as printed from the home page."""
    return Paper(
        "重要公告：居家辦公實施期間之服務說明",
        firm.name,
        (
            Block(
                "公告內容",
                (
                    f"親愛的客戶您好：為因應疫情，{firm.name}擬申請部分業務人員居家辦公，業務範圍為{listed(firm.lines)}，"
                    "本案尚待主管機關核准，實施日以核准內容為準。",
                    f"一、客服及委託專線：營業處所代表號(02)5550-{firm.extension}00不變，來電由總機自動轉接並全程錄音。",
                    "二、電話轉接可能延遲或中斷，請優先使用電子下單；中斷時30分鐘內於首頁跑馬燈揭露替代管道。",
                    "三、居家期間停止受理電話變更通訊地址、交割帳戶及密碼重置，請勿提供密碼予任何人。",
                    "四、您的權益不受影響；申訴請洽法令遵循室。",
                ),
            ),
        ),
        (f"https://www.{firm.domain}/　首頁置頂　公告日期：115年11月4日",),
    )
