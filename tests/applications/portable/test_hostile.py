"""What a stranger may send as a draft: each is refused in words, and nothing is written."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Firm
from applications.models import Application, Attachment, Citation, Event, RosterEntry, Section
from applications.portable import archive
from tests.applications.portable.archives import (
    DRAFT,
    ENTRY,
    HASH,
    ITEM,
    PDF,
    PROOF,
    nested,
    packed,
    patched,
    said,
    twice,
)
from tests.factories import Cast

pytestmark = [pytest.mark.once, pytest.mark.django_db]

TEXT = json.dumps(DRAFT)
GOOD = packed()
END = struct.Struct("<4s4H2LH")


def many_zeros() -> bytes:
    """Files of 20 MB each that shrink to nothing: more than 250 MB in all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as one:
        one.writestr("draft.json", TEXT)
        for number in range(14):
            one.writestr(f"files/{number:064x}", bytes(settings.UPLOAD_LIMIT))
    return out.getvalue()


def end(data: bytes, **changes: int) -> bytes:
    """With other numbers in the end record."""
    names = ("disk", "start", "here", "count", "size", "offset", "comment")
    signature, *numbers = END.unpack(data[-22:])
    found = dict(zip(names, numbers, strict=True)) | changes
    return data[:-22] + END.pack(signature, *found.values())


def comment(text: bytes) -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as one:
        one.comment = text
    return out.getvalue()


def flagged() -> bytes:
    """With the flag of an encrypted entry, in the directory."""
    at = GOOD.rindex(b"PK\x01\x02", 0, GOOD.rindex(b"PK\x01\x02"))
    return GOOD[: at + 8] + b"\x01\x00" + GOOD[at + 10 :]


def nul() -> bytes:
    return patched(packed({"draft.jsonXexe": b"{}"}), b"draft.jsonXexe", b"draft.json\0exe")


def zip64() -> bytes:
    locator = b"PK\x06\x07" + bytes(16)
    return GOOD[:-22] + locator + GOOD[-22:]


def spoilt() -> bytes:
    """With a bit of a compressed file turned."""
    at = GOOD.index(ENTRY.encode()) + len(ENTRY) + 1000
    return GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :]


ANSWER = {"text": "x"}
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "不是可讀的 ZIP 檔"),
    "no zip": (lambda: PDF, "不是可讀的 ZIP 檔"),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "不是可讀的 ZIP 檔"),
    "something before it": (lambda: b"#!/bin/sh\n" + GOOD, "不是可讀的 ZIP 檔"),
    "something after it": (lambda: GOOD + b"more", "不是可讀的 ZIP 檔"),
    "a comment": (lambda: comment(b"PK\x05\x06"), "不是可讀的 ZIP 檔"),
    "a directory elsewhere": (lambda: end(GOOD, offset=len(GOOD) + 9), "不是可讀的 ZIP 檔"),
    "millions announced": (lambda: end(GOOD, count=65_535), "檔案過多"),
    "a vast directory": (lambda: end(GOOD, size=2**31), "檔案過多"),
    "zip64": (zip64, "檔案過多"),
    "too many entries": (lambda: packed({f"files/{n:064x}": b"x" for n in range(300)}), "檔案過多"),
    "bomb": (lambda: packed({archive.README: bytes(6_000_000)}), "超過 5 MB"),
    "draft that is mostly air": (lambda: packed({"draft.json": TEXT + " " * 9_000_000}), "超過 5 MB"),
    "bomb of many": (many_zeros, "超過 250 MB"),
    "a file too big": (lambda: packed({f"files/{'0' * 64}": bytes(settings.UPLOAD_LIMIT + 1)}), "超過 20 MB"),
    "path out of it": (lambda: packed({"../../etc/passwd": b"x"}), "不認得的檔案「../../etc/passwd」"),
    "absolute path": (lambda: packed({"/etc/passwd": b"x"}), "不認得的檔案「/etc/passwd」"),
    "windows path": (lambda: packed({"files\\..\\x.exe": b"x"}), "不認得的檔案"),
    "path under files": (lambda: packed({f"files/../{HASH}": PDF}), "不認得的檔案"),
    "name with line end": (lambda: packed({ENTRY + "\n": PDF}), "不認得的檔案"),
    "name cut by NUL": (nul, "不認得的檔案"),
    "terminal in a name": (lambda: packed({"\x1b[2Jx": b"x"}), "不認得的檔案「\ufffd[2Jx」"),
    "upper-case hash": (lambda: packed({ENTRY.upper(): PDF}), "不認得的檔案"),
    "twice the draft": (lambda: twice("draft.json"), "重複的檔名「draft.json」"),
    "twice a file": (lambda: twice(ENTRY, PDF), "重複的檔名"),
    "encrypted": (flagged, "設有密碼"),
    "bzip2": (lambda: packed(method=zipfile.ZIP_BZIP2), "不支援的壓縮法"),
    "lzma": (lambda: packed(method=zipfile.ZIP_LZMA), "不支援的壓縮法"),
    "no draft": (lambda: patched(GOOD, b"draft.json", b"README.txt"), "沒有 draft.json"),
    "spoilt": (spoilt, "已損毀"),
    "another name inside": (lambda: GOOD.replace(b"draft.json", b"README.txt", 1), "已損毀"),
    "wrong hash": (lambda: packed({ENTRY: PDF + b"%"}), "與其 SHA-256 不符"),
    "missing file": (lambda: packed(evidence={ITEM.id: [PROOF | {"file": "0" * 64}]}), "壓縮檔內沒有「應變計畫.pdf」"),
    "file that nobody cites": (lambda: packed(evidence={}), "沒有任何項目引用此檔案"),
    "a zip in it": (lambda: nested(GOOD, "更多.zip"), "是壓縮檔"),
    "a zip called PDF": (lambda: nested(GOOD, "更多.pdf"), "是壓縮檔"),
    "a program": (lambda: nested(b"MZ" + bytes(200), "計畫.pdf"), "是程式檔"),
    "a page": (lambda: nested(b"<html><script>1</script>", "計畫.txt"), "是網頁"),
    "no JSON": (lambda: said("{"), "不是可讀的 JSON（UTF-8）：1:2"),
    "a list": (lambda: said("[]"), "資料型別不符"),
    "not UTF-8": (lambda: said('{"format": "申"}'.encode("big5")), "不是可讀的 JSON（UTF-8）：UTF-8"),
    "UTF-16": (lambda: said(TEXT.encode("utf-16")), "不是可讀的 JSON"),
    "half a character": (lambda: said(TEXT.replace('"format"', '"\\ud800": 1, "format"')), "不是可讀的 JSON"),
    "NaN": (lambda: said(TEXT.replace('"format": 1', '"format": NaN')), "不是可讀的 JSON（UTF-8）：NaN"),
    "infinity": (lambda: said(TEXT.replace('"format": 1', '"format": 1e999')), "format 須為 1"),
    "endless number": (lambda: said(TEXT.replace('"format": 1', '"format": ' + "9" * 5000)), "不是可讀的 JSON"),
    "key twice": (lambda: said(TEXT.replace('"format": 1', '"format": 1, "format": 1')), "（UTF-8）：format"),
    "deep": (lambda: said("[" * 100_000), "不是可讀的 JSON：層次過深"),
    "deep and closed": (lambda: said('{"a":' * 5_000 + "1" + "}" * 5_000), "不是可讀的 JSON：層次過深"),
    "deep answer": (
        lambda: packed(answers={ITEM.id: {"text": json.loads("[" * 300 + "]" * 300)}}), "資料型別不符"
    ),
    "true for one": (lambda: packed(format=True), "format 須為 1"),
    "unknown key": (lambda: packed(status="approved"), "沒有「status」這個欄位"),
    "unknown item": (lambda: packed(answers={"9.9.9": ANSWER}), "沒有項目「9.9.9」"),
    "unknown field": (lambda: packed(answers={ITEM.id: ANSWER | {"status": "x"}}), "沒有「status」這個欄位"),
    "evidence of nothing": (lambda: packed(evidence={"9.9.9": [PROOF]}), "沒有項目「9.9.9」"),
    "path as file name": (lambda: packed(evidence={ITEM.id: [PROOF | {"name": "../../x.pdf"}]}), "不得含路徑"),
    "path as hash": (lambda: packed(evidence={ITEM.id: [PROOF | {"file": "../../x"}]}), "64 個小寫十六進位字元"),
    "hash and line end": (lambda: packed(evidence={ITEM.id: [PROOF | {"file": HASH + "\n"}]}), "64 個小寫"),
    "evidence of a list": (lambda: packed(evidence=[PROOF]), "evidence：資料型別不符"),
    "home address": (lambda: packed(roster=[DRAFT["roster"][0] | {"home_address": "x"}]), "沒有「home_address」"),
    "two of one number": (lambda: packed(roster=DRAFT["roster"] * 2), "員工編號「A1」與第 1 人重複"),
    "other version": (lambda: packed(version="111-10-06"), "本檔依指引版本「111-10-06」製作，現行版本為「112-10-03」"),
    "no such version": (lambda: packed(version=["x"]), "本檔依指引版本「list」製作"),
    "extension": (lambda: packed(kind="extension"), "申請類型「extension」不能匯入；可匯入：first（首次申請）"),
    "emergency": (lambda: packed(kind="emergency"), "申請類型「emergency」不能匯入"),
    "other lines": (lambda: packed(lines=["dealer"]), "申請業務與答案所填不同"),
    "long number": (lambda: packed(document_number="甲" * 41), "公司文號至多 40 字"),
}  # fmt: skip


def rows() -> list[int]:
    return [model.objects.count() for model in (Application, Section, RosterEntry, Attachment, Citation, Event)]


def stored() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def refusal(tmp_path: Path, data: bytes, cast: Cast) -> str:
    """What the command says, with nothing written."""
    path, err = tmp_path / "draft.zip", io.StringIO()
    path.write_bytes(data)
    files = stored()
    with pytest.raises(CommandError) as caught:
        call_command("import_draft", str(path), firm=cast.firm.broker_code, by=cast.preparer.email, stderr=err)
    assert caught.value.returncode == 1
    assert rows() == [0] * 6
    assert stored() == files
    return err.getvalue() + str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused(name: str, tmp_path: Path, clock: None, cast: Cast) -> None:
    make, words = HOSTILE[name]
    assert words in refusal(tmp_path, make(), cast)


def test_what_they_were_made_from_is_taken(tmp_path: Path, clock: None, cast: Cast) -> None:
    path = tmp_path / "draft.zip"
    path.write_bytes(GOOD)
    call_command("import_draft", str(path), firm=cast.firm.broker_code, by=cast.preparer.email, stdout=io.StringIO())
    assert [case.firm for case in Application.objects.all()] == [cast.firm]
    assert Firm.objects.count() == 1


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further(
    tmp_path: Path, clock: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = bytes(50_000_000)
    data = packed({f"files/{'0' * 64}": zeros}, evidence={ITEM.id: [PROOF, PROOF | {"file": "0" * 64}]})
    lying = data.replace(struct.pack("<L", len(zeros)), struct.pack("<L", 10))
    taken: list[int] = []
    read = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        assert n is not None
        assert 0 <= n <= 2**25
        found = read(self, n)
        taken.append(len(found))
        return found

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert "已損毀" in refusal(tmp_path, lying, cast)
    assert sum(taken) < 2_000_000


@pytest.mark.parametrize("broken", ["2026/13/40", 7, None, "", {"a": 1}, [], True])
def test_faults_stand_at_their_field_row_and_column(broken: Any, tmp_path: Path, clock: None, cast: Cast) -> None:
    answers = {"2.2.12": {"sessions": [{"session": "第一場", "held_on": "2026-10-01"}, {"held_on": broken}]}}
    words = refusal(tmp_path, packed(answers=answers), cast)
    assert "sessions（" in words
    assert "第 2 列 held_on（" in words
    assert "1 處有誤，未匯入任何資料" in words


def test_what_can_be_read_is_told_how_to_write_it(tmp_path: Path, clock: None, cast: Cast) -> None:
    answers = {"2.2.12": {"sessions": [{"held_on": "115/10/01"}]}}
    assert "請寫成「2026-10-01」" in refusal(tmp_path, packed(answers=answers), cast)


def test_every_fault_is_said_at_once(tmp_path: Path, clock: None, cast: Cast) -> None:
    people = [DRAFT["roster"][0] | {"place": "居家", "name": "王?明"}]
    words = refusal(
        tmp_path, packed(answers={"9.9.9": {}, ITEM.id: {"text": 5}}, roster=people, evidence={"8": []}), cast
    )
    assert [line.split("：")[0] for line in words.splitlines()[:-1]] == [
        "answers",
        ITEM.number,
        "名冊第 1 人（姓名）",
        "evidence",
    ]
