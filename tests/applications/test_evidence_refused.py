"""Uploads that are refused, each with a message that names the file, the reason and what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from applications import pdfs
from tests.applications.hostile_documents import BROKEN, INNER
from tests.applications.hostile_files import HARMLESS, REFUSED, write
from tests.applications.uploaded import refusal, repacked, sample, written
from tests.services import ROOT

pytestmark = pytest.mark.once


def test_every_hostile_file_is_refused_or_harmless_within_a_hundred_megabytes(tmp_path: Path) -> None:
    write(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    command = [sys.executable, "-m", "tests.applications.examining", str(tmp_path)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wfh_portal.settings", "SECRET_KEY": "for tests only"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    said = {one["what"]: file["said"] for one, file in zip(manifest, found["files"], strict=True)}
    assert said == {one["what"]: one.get("refused") or one["harmless"] for one in manifest}
    above = {one["what"]: file["above"] for one, file in zip(manifest, found["files"], strict=True)}
    worst = max(above, key=lambda what: above[what])
    seconds = sum(file["seconds"] for file in found["files"])
    counted = f"{len(REFUSED)} refused, {len(HARMLESS)} harmless"
    print(f"{counted}: {above[worst]:.0f} MB above {found['rest']:.0f} ({worst}), {seconds:.1f} s")  # noqa: T201
    assert above[worst] < 100, worst


def test_two_parts_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = repacked("roster.xlsx", add={"xl/workbook.xml": b"<a/>"})
    assert refusal("a.xlsx", data) == BROKEN.format("a.xlsx")


def test_refusal_names_a_file_with_braces_as_it_is():
    assert refusal("{0}{name}.pdf", b"") == "「{0}{name}.pdf」是空的檔案，請確認原檔有內容後重新上傳"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("name", ["應變計畫.pdf", "作業手冊.docx", "roster.xlsx", "公司網站公告截圖.png"])
def test_every_cut_is_refused(name, share):
    data = sample(name)
    assert refusal(name, data[: int(len(data) * share)]).count(name) == 1


def test_attachment_under_two_names_is_judged_by_both():
    def change(writer: PdfWriter) -> None:
        writer.add_attachment("a.csv", b"1,2\n")
        files = next(held for held in writer._objects if isinstance(held, DictionaryObject) and "/EF" in held)
        files[NameObject("/UF")] = TextStringObject("a.csv")
        files[NameObject("/F")] = TextStringObject("a.exe")

    assert refusal("a.pdf", written(change)) == INNER.format("a.pdf", "a.exe")


def test_dictionaries_are_found_in_arrays_too():
    def change(writer: PdfWriter) -> None:
        action = DictionaryObject({NameObject("/S"): NameObject("/Launch")})
        writer.root_object[NameObject("/Deep")] = ArrayObject([ArrayObject([action])])

    assert refusal("a.pdf", written(change)) == pdfs.LAUNCH.format(name="a.pdf")
