"""Mails as firms in trouble send them, with all that goes wrong on the way. Firms, people and numbers are fictional.

``MAILS`` holds the name of each with what builds its bytes; those that try to break the reader are in
``hostile_mails``, which adds them.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable, Mapping
from urllib.parse import quote

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
TNEF = b"\x78\x9f\x3e\x22" + b"\x01\x00" * 20
P7S = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:居家辦公啟動會議\r\nDTSTART:20260316T010000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"
).encode()
REPORT = b"Reporting-MTA: dns; mail.jiashan.example\r\n\r\nFinal-Recipient: rfc822; x@twse.example\r\nStatus: 5.1.1"

SUBJECT = "緊急通報：甲山證券啟動居家辦公"
TEXT = "本公司營業處所因疫情封閉，自三月十六日八時起啟動居家辦公。\n業務：受託買賣，人數：十二人。"

Build = Callable[[], bytes]
MAILS: dict[str, Build] = {}


def named(build: Build) -> Build:
    """Puts a mail under the name of the function that builds it."""
    MAILS[build.__name__] = build
    return build


def word(text: str, charset: str = "utf-8", codec: str = "") -> str:
    """An encoded word in base64."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(codec or charset)).decode()}?="


FIELDS: Mapping[str, str | bytes | None] = {
    "From": f"{word('甲山證券 王大明')} <law@jiashan.example>",
    "To": "notice@twse.example",
    "Subject": word(SUBJECT),
    "Date": "Mon, 16 Mar 2026 07:30:00 +0800",
    "Message-ID": "<20260316.1@jiashan.example>",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
}


def mail(body: bytes | str = TEXT, **fields: str | bytes | None) -> bytes:
    """A mail with CRLF; ``Content_Type=`` is Content-Type; None leaves a header out. Values in str become UTF-8."""
    merged = {**FIELDS, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return part(body, **{name.replace("-", "_"): value for name, value in merged.items()})


def part(body: bytes | str, **fields: str | bytes | None) -> bytes:
    """A part of a mail: headers, an empty line, the body."""
    raw = body.replace("\n", "\r\n").encode() if isinstance(body, str) else body
    lines = []
    for name, value in fields.items():
        if value is not None:
            coded = value.encode() if isinstance(value, str) else value
            lines.append(name.replace("_", "-").encode() + b": " + coded + b"\r\n")
    return b"".join(lines) + b"\r\n" + raw


def text(body: bytes | str = TEXT, charset: str = "utf-8", **fields: str) -> bytes:
    return part(body, Content_Type=f"text/plain; charset={charset}", **fields)


def html(page: str) -> bytes:
    return part(page, Content_Type="text/html; charset=utf-8")


def file(data: bytes, kind: str = "application/pdf", name: str = 'filename="report.pdf"') -> bytes:
    """An attachment in base64; ``name`` is the parameter as it stands in the header."""
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    disposition = f"attachment; {name}" if name else "attachment"
    return part(coded, Content_Type=kind, Content_Disposition=disposition, Content_Transfer_Encoding="base64")


def joined(*parts: bytes, boundary: str = "=_b") -> bytes:
    """The body of a multipart."""
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "=_b", **fields: str | bytes | None) -> bytes:
    return mail(joined(*parts, boundary=boundary), Content_Type=f'multipart/{kind}; boundary="{boundary}"', **fields)


def plain(charset: str, codec: str, body: str = TEXT) -> bytes:
    """A mail of text alone in 8 bits, in the encoding ``codec`` and under the label ``charset``."""
    return mail(body.replace("\n", "\r\n").encode(codec), Content_Type=f"text/plain; charset={charset}")


# --- text ---------------------------------------------------------------------


@named
def utf8_base64() -> bytes:
    coded = base64.encodebytes(TEXT.replace("\n", "\r\n").encode())
    return mail(coded, Content_Type="text/plain; charset=UTF-8", Content_Transfer_Encoding="base64")


@named
def utf8_quoted_printable() -> bytes:
    coded = quopri.encodestring(TEXT.encode())
    return mail(coded, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="Quoted-Printable")


@named
def big5_subject_and_body() -> bytes:
    subject = word("許功蓋通報：啟動居家辦公", "big5")
    body = (TEXT + "\n許功蓋").replace("\n", "\r\n").encode("big5")
    return mail(body, Subject=subject, Content_Type="text/plain; charset=Big5", Content_Transfer_Encoding="8bit")


@named
def big5_of_windows() -> bytes:
    return plain("big5", "cp950", "恒生裏墻碁銹粧嫺：€100")


@named
def big5_of_hong_kong() -> bytes:
    return plain("big5-hkscs", "big5hkscs", "啱啱收到，喺度辦公：㗎嘅")


@named
def gb18030_under_its_old_name() -> bytes:
    return plain("gb2312", "gb18030", "緊急通報：營業處所封閉，䶮先生通報")


@named
def unknown_charset_utf8() -> bytes:
    return plain("x-taiwan", "utf-8")


@named
def unknown_charset_big5() -> bytes:
    return plain("unicode_escape", "cp950", "新竹分公司\\u0041封閉")


@named
def utf8_declared_big5() -> bytes:
    return plain("big5", "utf-8")


@named
def utf8_declared_gb2312() -> bytes:
    """Which GB18030 would read as other characters, without an error."""
    return plain("gb2312", "utf-8", "封閉")


@named
def big5_declared_utf8() -> bytes:
    return plain("utf-8", "cp950")


@named
def big5_declared_latin1() -> bytes:
    return plain("iso-8859-1", "cp950")


@named
def big5_without_charset() -> bytes:
    return mail("營業處所封閉".encode("cp950"), Content_Type=None)


@named
def utf8_with_a_broken_byte() -> bytes:
    return mail("封閉".encode() + b"\xff\xff" + "至三月底".encode(), Content_Type="text/plain; charset=utf-8")


@named
def utf16() -> bytes:
    coded = base64.encodebytes("通報".encode("utf-16"))
    return mail(coded, Content_Type="text/plain; charset=utf-16", Content_Transfer_Encoding="base64")


@named
def html_only() -> bytes:
    return mail(
        "<html><head><title>t</title><style>p{color:red}</style></head><body><p>營業處所&nbsp;封閉</p>"
        "<script>fetch('https://evil.example/')</script><img src='https://evil.example/x.png'>"
        "<![if !mso]><![foo[1]]><table><tr><td>人數</td><td>十二</td></tr></table><![endif]>"
        "自 8&#26178;起</body></html>",
        Content_Type="text/html; charset=utf-8",
    )


@named
def html_with_charset_inside() -> bytes:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=big5"><p>封閉</p>'
    return mail(page.encode("cp950"), Content_Type="text/html")


@named
def alternative() -> bytes:
    return multipart(text(), html(f"<p>{TEXT}</p>"), kind="alternative")


@named
def alternative_that_differs() -> bytes:
    return multipart(text("人數：12 人"), html("<p>人數：120 人</p>"), kind="alternative")


@named
def alternative_with_empty_text() -> bytes:
    return multipart(text(" \n"), html("<p>封閉</p>"), kind="alternative")


@named
def html_beside_text() -> bytes:
    """No version of the text: both are shown."""
    versions = joined(text("如下"), html("<p>如下</p>"), boundary="=_a")
    return multipart(part(versions, Content_Type="multipart/alternative; boundary==_a"), html("<p>封閉</p>"))


@named
def html_with_picture() -> bytes:
    related = joined(html("<p>封閉</p><img src='cid:1'>"), file(PNG, "image/png", ""), boundary="=_r")
    inner = part(related, Content_Type='multipart/related; boundary="=_r"')
    return multipart(text("封閉"), inner, kind="alternative")


# --- headers ------------------------------------------------------------------


@named
def words_cut_inside_characters() -> bytes:
    data = SUBJECT.encode("cp950")
    halves = [base64.b64encode(data[:9]).decode(), base64.b64encode(data[9:]).decode()]
    return mail(Subject=f"=?big5?B?{halves[0]}?=\r\n =?Big5?B?{halves[1]}?=")


@named
def word_folded_inside() -> bytes:
    coded = word(SUBJECT)
    return mail(Subject=f"{coded[:30]}\r\n {coded[30:]}")


@named
def word_without_end() -> bytes:
    return mail(Subject="通報 =?utf-8?B?57eK5oCl")


@named
def raw_utf8_headers() -> bytes:
    return mail(From="王大明 <law@jiashan.example>", Subject=SUBJECT)


@named
def raw_big5_headers() -> bytes:
    """The last character of the name ends in 0x5C, which would quote the quotation mark after it."""
    return mail(From='"許功蓋" <law@jiashan.example>'.encode("cp950"), Subject=SUBJECT.encode("cp950"))


@named
def recipients() -> bytes:
    return mail(
        To=f'"{word("承辦人")}" <officer@twse.example>, "Lin, Mei" <lin@twse.example>',
        Cc="undisclosed-recipients:;",
        Reply_To="duty@jiashan.example (on duty)",
    )


@named
def no_message_id() -> bytes:
    return mail(Message_ID=None)


@named
def two_message_ids() -> bytes:
    return b"Message-Id: <first@jiashan.example>\r\n" + mail()


@named
def bad_message_id() -> bytes:
    return mail(Message_ID="20260316 1@jiashan")


@named
def received_stamps() -> bytes:
    hops = (
        "Received: from a by mx.twse.example; Mon, 16 Mar 2026 07:30:05 +0800\r\n"
        "Received: from b by a; Sun, 15 Mar 2026 23:30:01 GMT\r\nReceived: from c by b; who knows\r\n"
    )
    return hops.encode() + mail()


@named
def no_subject_no_date() -> bytes:
    return mail(Subject=None, Date=None)


@named
def date_without_zone() -> bytes:
    return mail(Date="Mon, 16 Mar 2026 07:30:00")


@named
def date_in_cst() -> bytes:
    return mail(Date="Mon, 16 Mar 2026 07:30:00 CST")


@named
def date_of_the_republic() -> bytes:
    return mail(Date="Mon, 16 Mar 115 07:30:00 +0800")


@named
def date_in_far_future() -> bytes:
    hop = b"Received: from a by mx.twse.example; Mon, 16 Mar 2026 07:30:05 +0800\r\n"
    return hop + mail(Date="Mon, 16 Mar 2099 07:30:00 +0800")


# --- attachments --------------------------------------------------------------


@named
def attachment() -> bytes:
    return multipart(text(), file(PDF))


@named
def name_in_rfc2231_sections() -> bytes:
    """Big5, the section cut inside a character."""
    coded = quote("營業處所封閉報告.pdf".encode("cp950"))
    at = coded.index("%", 20)
    return multipart(text(), file(PDF, name=f"filename*0*=big5''{coded[:at]}; filename*1*={coded[at:]}"))


@named
def name_twice() -> bytes:
    return multipart(text(), file(PDF, name=f"filename=\"____.pdf\"; filename*=UTF-8''{quote('報告')}.pdf"))


@named
def name_in_encoded_words() -> bytes:
    return multipart(text(), file(PDF, f'application/pdf; name="{word("報告.pdf", "big5")}"', ""))


@named
def name_in_raw_big5() -> bytes:
    raw = file(PDF).replace(b"report.pdf", "蓋章.pdf".encode("cp950"))
    return multipart(text(), raw)


def forwarded_message() -> bytes:
    return multipart(text(), file(PDF), boundary="=_f", Subject=word("115/3/16 通報"))


@named
def forwarded() -> bytes:
    return multipart(text("如附"), part(forwarded_message(), Content_Type="message/rfc822"))


@named
def digest() -> bytes:
    return multipart(b"\r\n" + mail(Subject="one"), b"\r\n" + mail(Subject="a/b"), kind="digest")


@named
def calendar() -> bytes:
    return multipart(text(), part(CALENDAR, Content_Type="text/calendar; charset=utf-8; method=REQUEST"))


@named
def signed() -> bytes:
    return multipart(text(), file(P7S, "application/pkcs7-signature", "filename=smime.p7s"), kind="signed")


@named
def outlook_odds() -> bytes:
    return multipart(text(), file(TNEF, "application/octet-stream", "filename=winmail.dat"))


@named
def delivery_report() -> bytes:
    status = part(REPORT, Content_Type="message/delivery-status")
    return multipart(
        text("無法投遞"), status, part(mail(), Content_Type="message/rfc822"), kind="report", Return_Path="<>"
    )
