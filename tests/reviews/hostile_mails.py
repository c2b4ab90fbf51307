"""Mails that are broken, forged or made to exhaust whoever reads them; importing this adds them to ``MAILS``."""

from __future__ import annotations

import base64

from tests.reviews.mails import MAILS, P7S, PDF, TEXT, file, joined, mail, multipart, named, part, text

__all__ = ["MAILS"]

MEGABYTE = 1024 * 1024


# --- broken -------------------------------------------------------------------


@named
def empty() -> bytes:
    return b""


@named
def only_nul() -> bytes:
    return b"\0" * 100


@named
def nul_inside() -> bytes:
    return mail("封\0閉", Subject="a\0b")


@named
def bare_lf() -> bytes:
    return multipart(text(), file(PDF)).replace(b"\r\n", b"\n")


@named
def bare_cr() -> bytes:
    return multipart(text(), file(PDF)).replace(b"\r\n", b"\r")


@named
def header_smuggled_behind_cr() -> bytes:
    return mail(Subject="x\rFrom: boss@twse.example")


@named
def mailbox_file() -> bytes:
    return b"From law@jiashan.example Mon Mar 16 07:30:00 2026\r\n" + mail()


@named
def byte_order_mark() -> bytes:
    return b"\xef\xbb\xbf\r\n" + mail()


@named
def line_that_is_no_header() -> bytes:
    return b"X-Gateway: 1\r\nthis is no header\r\n" + mail()


@named
def no_line_between() -> bytes:
    return mail().replace(b"\r\n\r\n", b"\r\n", 1)


@named
def headers_only() -> bytes:
    return mail().partition(b"\r\n\r\n")[0]


@named
def no_boundary() -> bytes:
    return mail(TEXT, Content_Type="multipart/mixed")


@named
def boundary_that_never_comes() -> bytes:
    return mail(TEXT, Content_Type="multipart/mixed; boundary=never")


@named
def cut_short() -> bytes:
    return multipart(text(), file(PDF * 9)).partition(b"RW5kb2Jq")[0][:-150]


@named
def something_after_the_end() -> bytes:
    return multipart(text()) + "本信件由防毒軟體掃描".encode()


@named
def unknown_transfer_encoding() -> bytes:
    return multipart(text(), file(PDF).replace(b"base64", b"x-none"))


@named
def base64_with_junk() -> bytes:
    return multipart(text(), file(PDF) + b"-- list footer --")


@named
def attachment_elsewhere() -> bytes:
    kind = 'message/external-body; access-type=URL; URL="https://evil.example/x.pdf"'
    return multipart(text(), part("Content-Type: application/pdf\n\n", Content_Type=kind))


@named
def one_piece_of_a_split_mail() -> bytes:
    return mail(Content_Type='message/partial; number=1; total=3; id="x@jiashan.example"')


@named
def sealed() -> bytes:
    coded = base64.encodebytes(P7S)
    return mail(
        coded,
        Content_Type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        Content_Transfer_Encoding="base64",
    )


@named
def html_without_end() -> bytes:
    return mail("<p>封閉</p><!-- <p>不見", Content_Type="text/html; charset=utf-8")


# --- forged -------------------------------------------------------------------


@named
def forged_sender() -> bytes:
    return b"Return-Path: <bulk@evil.example>\r\nSender: bulk@evil.example\r\n" + mail()


@named
def address_as_name() -> bytes:
    return mail(From='"law@jiashan.example" <bulk@evil.example>')


@named
def two_senders() -> bytes:
    return mail(From="law@jiashan.example, bulk@evil.example")


@named
def two_angles() -> bytes:
    return mail(From="<law@jiashan.example> <bulk@evil.example>")


@named
def no_sender() -> bytes:
    return mail(From="甲山證券")


@named
def duplicate_headers() -> bytes:
    return mail().replace(b"\r\n\r\n", b"\r\nFrom: bulk@evil.example\r\nSubject: other\r\n\r\n", 1)


@named
def date_that_overflows() -> bytes:
    return mail(Date="Fri, 31 Dec 9999 23:59:59 -1200")


@named
def hostile_names() -> bytes:
    return multipart(
        text(),
        file(PDF, name='filename="../../etc/passwd"'),
        file(PDF, name='filename="C:\\\\temp\\\\report.pdf"'),
        file(PDF, name="filename*=utf-8''%E2%80%AEfdp.exe%00%0D%0AX"),
        file(PDF, name='filename=".."'),
    )


@named
def long_name() -> bytes:
    return multipart(text(), file(PDF, name=f'filename="{"名" * 300}.pdf"'))


# --- too much -----------------------------------------------------------------


@named
def ten_megabytes() -> bytes:
    return multipart(text(), file(bytes(10 * MEGABYTE)))


@named
def multiparts_200_deep() -> bytes:
    inner = text("底")
    for level in range(200):
        inner = part(joined(inner, boundary=f"b{level}."), Content_Type=f"multipart/mixed; boundary=b{level}.")
    return multipart(text(), inner)


@named
def messages_200_deep() -> bytes:
    inner = mail("底")
    for _ in range(200):
        inner = mail(inner, Content_Type="message/rfc822")
    return inner


@named
def parts_1000() -> bytes:
    return multipart(*[text(f"{number}") for number in range(1000)])


@named
def attachments_60() -> bytes:
    return multipart(text(), *[file(PDF, name=f"filename={number}.pdf") for number in range(60)])


@named
def base64_bomb() -> bytes:
    coded = (b"A" * 76 + b"\r\n") * (28 * MEGABYTE // 78)
    bomb = part(coded, Content_Type="application/zip; name=bomb.zip", Content_Transfer_Encoding="base64")
    return multipart(text(), bomb, file(PDF))


@named
def quoted_printable_bomb() -> bytes:
    coded = b"=41" * (28 * MEGABYTE // 3)
    return mail(coded, Content_Type="text/plain", Content_Transfer_Encoding="quoted-printable")


@named
def html_bomb() -> bytes:
    return mail(b"<p>" + b"<a " * (4 * MEGABYTE), Content_Type="text/html")


@named
def huge_header() -> bytes:
    return b"X-Long: " + b"x\r\n " * (2 * MEGABYTE) + b"\r\n" + mail(Subject=b"s" * 20_000)


@named
def headers_100000() -> bytes:
    return mail().replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", 1)


@named
def recipients_1000() -> bytes:
    return mail(To=",".join(f"a{number}@b.tw" for number in range(1000)))
