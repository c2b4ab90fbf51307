"""Two mails that wait in the mailbox for notices: one that is a notice, and one that is none."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from applications.enums import Door
from reviews import intake
from reviews.demo.builder import on
from reviews.demo.firms import FIRMS
from reviews.models import MailNotice

MAILBOX = "notice@twse.example"

NOTICE = """臺灣證券交易所 承辦人 您好：

本公司（己洋證券，代號 {code}）基隆分公司所在大樓今日清晨接獲通知，因疫情自 11 月 24 日零時起封閉七日。
本公司辦理結算交割之同仁無法進入營業處所，亦不及備齊書件循正常程序函報，爰依指引以電子郵件先行通報如下：

一、開始居家辦公：115 年 11 月 24 日上午 8 時。
二、業務：受託買賣作業及交易作業。
三、居家辦公人數：9 人。
四、聯絡人：{contact} 副總經理，電話 0900-000-162。

相關書件將於復原後補送。大樓公告如附件。

己洋證券股份有限公司 敬上
"""

ADVERTISEMENT = """親愛的客戶您好：

雲端視訊會議方案年終優惠，即日起至年底止，每人每月 99 元起。
如不欲再收到本電子報，請回覆「取消訂閱」。
"""


def mails() -> list[MailNotice]:
    """What came in on a morning of the demo's autumn, by the mailbox."""
    firm = FIRMS["jiyang"]
    notice = _mail(
        f"{firm.name} <{firm.email('preparer')}>",
        "【緊急通報】己洋證券因大樓封閉啟動居家辦公",
        NOTICE.format(contact=firm.manager, code=firm.broker_code),
        "<20261124.0712@jiyang.example>",
        "Tue, 24 Nov 2026 07:12:40 +0800",
    )
    notice.add_attachment(
        "大樓管理委員會公告（示範）\n自 11 月 24 日零時起封閉七日。\n".encode(),
        maintype="text",
        subtype="plain",
        filename="大樓公告.txt",
    )
    notice.set_boundary("=_notice")
    other = _mail(
        "雲端會議行銷部 <news@meeting.example>",
        "【年終優惠】視訊會議方案每月 99 元起",
        ADVERTISEMENT,
        "<promo-1124@meeting.example>",
        "Tue, 24 Nov 2026 08:30:00 +0800",
    )
    times = (on(11, 24, 7, 13), on(11, 24, 8, 31))
    return [
        intake.take_in(raw=one.as_bytes(policy=SMTP), received_at=at, door=Door.MAILBOX, at=at)
        for one, at in zip((notice, other), times, strict=True)
    ]


def _mail(sender: str, subject: str, text: str, message_id: str, date: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, MAILBOX, subject
    mail["Date"], mail["Message-ID"] = date, message_id
    mail.set_content(text)
    return mail
