"""What is read of each mail, exactly; that nothing is raised, allocated without bound or fetched."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.messages import Address, Message, TooBig, oddities, read_message, reading
from tests.reviews.hostile_mails import MAILS
from tests.reviews.mails import CALENDAR, P7S, PDF, PNG, REPORT, SUBJECT, TEXT, TNEF, forwarded_message, mail

LAW = "law@jiashan.example"
TAIPEI = timezone(timedelta(hours=8))
MEGABYTE = 1024 * 1024
BOMBS = ("base64_bomb", "quoted_printable_bomb", "html_bomb", "huge_header", "headers_100000", "ten_megabytes")
SMALL = sorted(set(MAILS) - set(BOMBS))


@dataclass(frozen=True)
class Seen:
    """The start of the text, the names of the attachments with their bytes, the names of the oddities."""

    text: str = TEXT
    files: tuple[tuple[str, bytes], ...] = ()
    odd: tuple[str, ...] = ()
    subject: str = SUBJECT
    left_out: tuple[str, ...] = ()
    from_html: bool = False


def seen(*odd: str, text: str = TEXT, files: tuple[tuple[str, bytes], ...] = (), **others: object) -> Seen:
    return Seen(text, files, odd, **others)  # type: ignore[arg-type]


REPORT_PDF = (("report.pdf", PDF),)

MANIFEST = {
    "utf8_base64": seen(),
    "utf8_quoted_printable": seen(),
    "big5_subject_and_body": seen(text=f"{TEXT}\n許功蓋", subject="許功蓋通報：啟動居家辦公"),
    "big5_of_windows": seen(text="恒生裏墻碁銹粧嫺：€100"),
    "big5_of_hong_kong": seen(text="啱啱收到，喺度辦公：㗎嘅"),
    "gb18030_under_its_old_name": seen(text="緊急通報：營業處所封閉，䶮先生通報"),
    "unknown_charset_utf8": seen("GUESSED"),
    "unknown_charset_big5": seen("GUESSED", text="新竹分公司\\u0041封閉"),
    "utf8_declared_big5": seen("GUESSED"),
    "utf8_declared_gb2312": seen("GUESSED", text="封閉"),
    "big5_declared_utf8": seen("GUESSED"),
    "big5_declared_latin1": seen("GUESSED"),
    "big5_without_charset": seen("GUESSED", text="營業處所封閉"),
    "utf8_with_a_broken_byte": seen("LOST", text="封閉\ufffd\ufffd至三月底"),
    "utf16": seen(text="通報"),
    "html_only": seen(text="營業處所 封閉\n\n人數  十二\n\n自 8時起", from_html=True),
    "html_with_charset_inside": seen(text="封閉", from_html=True),
    "alternative": seen(),
    "alternative_that_differs": seen("HTML_DIFFERS", text="人數：12 人"),
    "alternative_with_empty_text": seen(text="封閉", from_html=True),
    "html_beside_text": seen(text="如下\n\n封閉", from_html=True),
    "html_with_picture": seen(text="封閉", files=(("未命名.png", PNG),)),
    "words_cut_inside_characters": seen(),
    "word_folded_inside": seen(),
    "word_without_end": seen("GUESSED", "BAD_WORD", subject="通報 =?utf-8?B?57eK5oCl"),
    "raw_utf8_headers": seen("GUESSED"),
    "raw_big5_headers": seen("GUESSED"),
    "recipients": seen(),
    "no_message_id": seen("NO_MESSAGE_ID"),
    "two_message_ids": seen("REPEATED"),
    "bad_message_id": seen("BAD_MESSAGE_ID"),
    "received_stamps": seen(),
    "no_subject_no_date": seen("NO_SUBJECT", "NO_DATE", subject=""),
    "date_without_zone": seen("NO_ZONE"),
    "date_in_cst": seen("NO_ZONE"),
    "date_of_the_republic": seen("BAD_DATE"),
    "date_in_far_future": seen("DATES_DISAGREE"),
    "attachment": seen(files=REPORT_PDF),
    "name_in_rfc2231_sections": seen(files=(("營業處所封閉報告.pdf", PDF),)),
    "name_twice": seen(files=(("報告.pdf", PDF),)),
    "name_in_encoded_words": seen(files=(("報告.pdf", PDF),)),
    "name_in_raw_big5": seen("GUESSED", files=(("蓋章.pdf", PDF),)),
    "forwarded": seen(text="如附", files=(("115／3／16 通報.eml", forwarded_message()),)),
    "digest": seen("NO_TEXT", text="", files=(("one.eml", mail(Subject="one")), ("a／b.eml", mail(Subject="a/b")))),
    "calendar": seen(files=(("未命名.ics", CALENDAR),)),
    "signed": seen("SIGNED", files=(("smime.p7s", P7S),)),
    "outlook_odds": seen("TNEF", files=(("winmail.dat", TNEF),)),
    "delivery_report": seen("REPORT", text="無法投遞", files=(("未命名.txt", REPORT), (f"{SUBJECT}.eml", mail()))),
    "empty": seen("EMPTY", "NO_TEXT", "NO_SUBJECT", "NO_MESSAGE_ID", "NO_DATE", "NO_SENDER", text="", subject=""),
    "only_nul": seen(
        *("NO_BLANK_LINE", "HIDDEN", "NO_TEXT", "NO_SUBJECT", "NO_MESSAGE_ID", "NO_DATE", "NO_SENDER"),
        text="",
        subject="",
    ),
    "nul_inside": seen("HIDDEN", text="封閉", subject="ab"),
    "bare_lf": seen(files=REPORT_PDF),
    "bare_cr": seen("LINE_ENDS", files=REPORT_PDF),
    "header_smuggled_behind_cr": seen("HIDDEN", subject="x From: boss@twse.example"),
    "mailbox_file": seen("MBOX"),
    "byte_order_mark": seen(),
    "line_that_is_no_header": seen("BAD_LINE"),
    "no_line_between": seen("NO_BLANK_LINE"),
    "headers_only": seen("NO_TEXT", text=""),
    "no_boundary": seen("NO_BOUNDARY", "GUESSED"),
    "boundary_that_never_comes": seen("NO_BOUNDARY", "GUESSED"),
    "cut_short": seen("CUT_SHORT", "BAD_BASE64", files=(("report.pdf", (PDF * 9)[:593]),)),
    "something_after_the_end": seen("EPILOGUE"),
    "unknown_transfer_encoding": seen("BAD_ENCODING", files=(("report.pdf", MAILS["attachment"]()[-119:-11]),)),
    "base64_with_junk": seen("BAD_BASE64", files=REPORT_PDF),
    "attachment_elsewhere": seen("ELSEWHERE", files=(("未命名.bin", b"Content-Type: application/pdf\r\n\r\n"),)),
    "one_piece_of_a_split_mail": seen(
        "PARTIAL", "NO_TEXT", text="", files=(("未命名.bin", TEXT.replace("\n", "\r\n").encode()),)
    ),
    "sealed": seen("SEALED", "NO_TEXT", text="", files=(("smime.p7m", P7S),)),
    "html_without_end": seen("BAD_HTML", text="封閉", from_html=True),
    "forged_sender": seen("SENDER_DIFFERS"),
    "address_as_name": seen("NAME_HAS_ADDRESS"),
    "two_senders": seen("SEVERAL_SENDERS"),
    "two_angles": seen("NO_SENDER"),
    "no_sender": seen("GUESSED", "NO_SENDER"),
    "duplicate_headers": seen("REPEATED"),
    "date_that_overflows": seen("BAD_DATE"),
    "hostile_names": seen("BAD_NAME", files=(("passwd", PDF), ("report.pdf", PDF), ("fdp.exeX", PDF), ("未命名", PDF))),
    "long_name": seen("GUESSED", "BAD_NAME", files=((f"{'名' * 250}….pdf", PDF),)),
    "ten_megabytes": seen(files=(("report.pdf", bytes(10 * MEGABYTE)),)),
    "messages_200_deep": seen("NO_TEXT", text=""),
    "multiparts_200_deep": seen("TOO_DEEP"),
    "parts_1000": seen("TOO_MANY_PARTS", text="\n\n".join(map(str, range(199)))),
    "attachments_60": seen(
        "LEFT_OUT",
        files=tuple((f"{number}.pdf", PDF) for number in range(50)),
        left_out=tuple(f"{number}.pdf" for number in range(50, 60)),
    ),
    "base64_bomb": seen("LEFT_OUT", files=REPORT_PDF, left_out=("bomb.zip",)),
    "quoted_printable_bomb": seen("TEXT_CUT", text="A" * MEGABYTE),
    "html_bomb": seen("TEXT_CUT", "BAD_HTML", "NO_TEXT", text=""),
    "huge_header": seen("LONG_HEADER", subject="s" * (10_000 - len("Subject: "))),
    "headers_100000": seen("MANY_HEADERS"),
    "recipients_1000": seen("MANY_ADDRESSES"),
}
NESTED = {"messages_200_deep", "multiparts_200_deep"}  # their attachment has a test of its own


@pytest.fixture(scope="module")
def read() -> Callable[[str], Message]:
    """Reads a mail by its name, the small ones once for all tests."""
    kept: dict[str, Message] = {}

    def one(name: str) -> Message:
        if name in BOMBS:
            return read_message(MAILS[name]())
        if name not in kept:
            kept[name] = read_message(MAILS[name]())
        return kept[name]

    return one


def test_the_manifest_names_every_mail() -> None:
    assert set(MANIFEST) == set(MAILS)
    assert len(MAILS) >= 36


@pytest.mark.parametrize("name", MANIFEST)
def test_what_is_read_of_each_mail(name: str, read: Callable[[str], Message]) -> None:
    data, message, expected = MAILS[name](), read(name), MANIFEST[name]
    assert message.sha256 == sha256(data).hexdigest()
    assert message.subject == expected.subject
    assert message.text == expected.text
    assert message.from_html is expected.from_html
    assert message.oddities == tuple(getattr(oddities, one) for one in expected.odd)
    assert message.left_out == expected.left_out
    if name not in NESTED:
        found = [(one.name, one.sha256, len(one.data)) for one in message.attachments]
        assert found == [(one, sha256(data).hexdigest(), len(data)) for one, data in expected.files]
        assert [sha256(one.data).hexdigest() for one in message.attachments] == [digest for _, digest, _ in found]


def test_every_oddity_is_met_by_a_mail() -> None:
    assert {name for name in vars(oddities) if name.isupper()} == {odd for one in MANIFEST.values() for odd in one.odd}


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("attachment", Address(f"甲山證券 王大明 <{LAW}>", "甲山證券 王大明", LAW)),
        ("raw_utf8_headers", Address(f"王大明 <{LAW}>", "王大明", LAW)),
        ("raw_big5_headers", Address(f'"許功蓋" <{LAW}>', "許功蓋", LAW)),
        ("address_as_name", Address(f'"{LAW}" <bulk@evil.example>', LAW, "bulk@evil.example")),
        ("two_senders", Address(f"{LAW}, bulk@evil.example", "", LAW)),
        ("two_angles", Address(f"<{LAW}> <bulk@evil.example>")),
        ("no_sender", Address("甲山證券")),
        ("duplicate_headers", Address(f"甲山證券 王大明 <{LAW}>", "甲山證券 王大明", LAW)),
        ("empty", Address("")),
    ],
)
def test_the_sender_is_what_the_mail_claims(name: str, sender: Address, read: Callable[[str], Message]) -> None:
    assert read(name).sender == sender


def test_addressees_are_split_before_they_are_decoded(read: Callable[[str], Message]) -> None:
    message = read("recipients")
    assert message.to == (
        Address('"承辦人" <officer@twse.example>', "承辦人", "officer@twse.example"),
        Address('"Lin, Mei" <lin@twse.example>', "Lin, Mei", "lin@twse.example"),
    )
    assert message.cc == ()
    assert message.reply_to == (Address("duty@jiashan.example (on duty)", "on duty", "duty@jiashan.example"),)
    assert len(read("recipients_1000").to) == 200


def test_a_decoded_name_never_becomes_an_address() -> None:
    name = "=?utf-8?Q?boss=40twse=2Eexample=3E=2C_=3Cx?="
    message = read_message(mail(From=f"{name} <bulk@evil.example>"))
    assert message.sender == Address(
        "boss@twse.example>, <x <bulk@evil.example>", "boss@twse.example>, <x", "bulk@evil.example"
    )
    assert message.oddities == (oddities.NAME_HAS_ADDRESS,)


@pytest.mark.parametrize(
    ("name", "first", "every"),
    [
        ("attachment", "<20260316.1@jiashan.example>", ("<20260316.1@jiashan.example>",)),
        (
            "two_message_ids",
            "<first@jiashan.example>",
            ("<first@jiashan.example>", "<20260316.1@jiashan.example>"),
        ),
        ("bad_message_id", "", ("20260316 1@jiashan",)),
        ("no_message_id", "", ()),
    ],
)
def test_message_ids(name: str, first: str, every: tuple[str, ...], read: Callable[[str], Message]) -> None:
    assert (read(name).message_id, read(name).message_ids) == (first, every)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("attachment", datetime(2026, 3, 16, 7, 30, tzinfo=TAIPEI)),
        ("date_without_zone", datetime(2026, 3, 16, 7, 30, tzinfo=TAIPEI)),
        ("date_in_cst", datetime(2026, 3, 16, 7, 30, tzinfo=TAIPEI)),
        ("date_in_far_future", datetime(2099, 3, 16, 7, 30, tzinfo=TAIPEI)),
        ("date_of_the_republic", None),
        ("date_that_overflows", None),
        ("no_subject_no_date", None),
    ],
)
def test_dates_carry_a_zone_or_are_none(name: str, date: datetime | None, read: Callable[[str], Message]) -> None:
    assert read(name).date == date


def test_received_stands_as_in_the_mail(read: Callable[[str], Message]) -> None:
    assert read("received_stamps").received == (
        datetime(2026, 3, 16, 7, 30, 5, tzinfo=TAIPEI),
        datetime(2026, 3, 15, 23, 30, 1, tzinfo=UTC),
    )


def test_the_name_as_written_is_kept_beside_the_one_shown(read: Callable[[str], Message]) -> None:
    names = [one.original_name for one in read("hostile_names").attachments]
    assert names == ["../../etc/passwd", "C:\\temp\\report.pdf", "\u202efdp.exe\ufffd\r\nX", ".."]
    assert {one.oddities for one in read("hostile_names").attachments} == {(oddities.BAD_NAME,)}


def test_a_message_inside_is_read_in_turn_and_not_flattened(read: Callable[[str], Message]) -> None:
    [inner] = read("forwarded").attachments
    assert inner.content_type == "message/rfc822"
    message = read_message(inner.data)
    assert message.subject == "115/3/16 通報"
    assert [one.name for one in message.attachments] == ["report.pdf"]


def test_what_is_too_deep_is_kept_raw(read: Callable[[str], Message]) -> None:
    data = MAILS["multiparts_200_deep"]()
    [inner] = read("multiparts_200_deep").attachments
    assert inner.data in data
    assert inner.data.startswith(b"Content-Type: multipart/mixed; boundary=b180.")
    [message] = read("messages_200_deep").attachments
    assert MAILS["messages_200_deep"]().endswith(message.data)


def test_one_byte_over_the_limit_is_refused() -> None:
    data = mail()
    assert read_message(data, limit=len(data)).subject == SUBJECT
    with pytest.raises(TooBig) as refused:
        read_message(data, limit=len(data) - 1)
    assert (refused.value.size, refused.value.limit) == (len(data), len(data) - 1)


def test_attachments_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "DECODED_BYTES", 10 * len(PDF))
    message = read_message(MAILS["attachments_60"]())
    assert sum(len(one.data) for one in message.attachments) <= 10 * len(PDF)
    assert message.left_out[-1] == "59.pdf"
    assert len(message.attachments) + len(message.left_out) == 60


def test_texts_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TEXT_BYTES", 15)
    message = read_message(MAILS["parts_1000"]())
    assert message.text.split() == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "1"]
    assert message.oddities == (oddities.TEXT_CUT, oddities.TOO_MANY_PARTS)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory(name: str) -> None:
    """Beside the mail itself: little, for an attachment that is taken some times its size, for HTML some more."""
    data = MAILS[name]()
    tracemalloc.start()
    read_message(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < {"ten_megabytes": 5 * len(data), "html_bomb": 64 * MEGABYTE}.get(name, 16 * MEGABYTE)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    for name in ("html_only", "attachment_elsewhere", "html_with_picture"):
        read_message(MAILS[name]())


# --- anything at all ----------------------------------------------------------


def holds(data: bytes) -> None:
    """Whatever the bytes: they are read, within the limits, and all that is shown could be stored."""
    message = read_message(data)
    shown = [message.subject, message.text, *message.message_ids, *message.oddities, *message.left_out]
    people = [message.sender, *message.reply_to, *message.to, *message.cc]
    shown += [text for one in people for text in (one.text, one.name, one.address)]
    shown += [text for one in message.attachments for text in (one.name, one.original_name, one.content_type)]
    for text in shown:
        assert "\0" not in text
        text.encode()
    assert all(one.tzinfo for one in (message.date, *message.received) if one)
    assert len(message.attachments) <= reading.ATTACHMENTS
    assert sum(len(one.data) for one in message.attachments) <= reading.DECODED_BYTES
    assert read_message(data) == message


FRAGMENTS = (
    *(b"\n", b"\r", b"\r\n\r\n", b"--=_b", b"--=_b--", b":", b";", b'"', b"<", b">", b"(", b"\\", b"=?", b"?=", b"\0"),
    *(b"=?utf-8?B?", b"=?big5?Q?=A4", b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822", b"\xa5\x5c"),
    *(
        b"filename*0*=big5''%A4",
        b"base64",
        b"quoted-printable",
        b"<![x",
        b"&#0;",
        b"charset=utf-16",
        b"-9999",
        b"From ",
    ),
)


@given(st.binary(max_size=400))
def test_random_bytes_are_read(data: bytes) -> None:
    holds(data)


@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6), max_size=40).map(b"".join))
def test_random_pieces_of_mails_are_read(data: bytes) -> None:
    holds(data)


@settings(max_examples=300)
@given(st.data())
def test_mutated_mails_are_read(data: st.DataObject) -> None:
    mutated = MAILS[data.draw(st.sampled_from(SMALL))]()
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(mutated)))
        end = start + data.draw(st.integers(0, 40))
        piece = data.draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=4) | st.just(mutated[start:end] * 2))
        mutated = mutated[:start] + piece + mutated[end:]
    holds(mutated)
