"""查驗本稽核檔：python3 -I verify.py　Verifies this inspection pack, offline.

只用 Python 標準程式庫（3.8 以上）。指出第一個不符之處；結束狀態 0 相符、1 不符、2 無法查驗。
Python's standard library alone (3.8 or later). It names the first thing that is not as it was; exit status 0 all
is as it was, 1 something is not, 2 nothing could be verified.

    python3 -I verify.py [資料夾 FOLDER] [--key 公開金鑰 HEX] [--head 每日簽章檔 HEAD.json]

--key   您自其他管道取得之公開金鑰；無此項者，以檔內金鑰查驗，並印出供您比對。
        The public key that you have from elsewhere; without it the pack's own is used, and printed for you to compare.
--head  您自行保存之每日簽章檔（旁有 .sig）；可重複。A signed head that you kept yourself (its .sig beside it);
        may be given several times.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys

SUMS, SIGNATURE, KEY = "SHA256SUMS", "SHA256SUMS.sig", "heads/key.pub"
CASE, EVENTS, ROWS = "case.json", "trail/events.jsonl", "trail/rows.jsonl"
ALL_THERE = {"submission", "emergencynotice", "correction", "decision"}  # kinds of which the pack holds every row
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
FIRST = "0" * 64


class Broken(Exception):
    """What is not as it was: its name, and how it differs, in Chinese and English."""


def broken(name, chinese, english):
    return Broken("%s：%s\n%s: %s" % (name, chinese, name, english))


# --- Ed25519 (RFC 8032, 5.1.7) ----------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def add(one, other):
    """The sum of two points in extended coordinates."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point = add(point, point)
        number >>= 1
    return found


def point_of(data):
    """The point that 32 bytes stand for, or None."""
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (not x and odd):
        return None
    if x & 1 != odd:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    """Whether an Ed25519 signature of the message is of this key; all three are bytes."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or s >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, BASE), add(commitment, times(challenge, public))
    return not ((x1 * z2 - x2 * z1) % P or (y1 * z2 - y2 * z1) % P)


# --- files ------------------------------------------------------------------------------------------------------------


def place(root, name):
    return os.path.join(root, *name.split("/"))


def read(root, name):
    try:
        with open(place(root, name), "rb") as data:
            return data.read()
    except OSError:
        raise broken(name, "檔案不見了，或無法讀取", "it is missing, or cannot be read")


def read_hex(root, name, length):
    """The bytes that a file of one line of hex stands for; one way of writing them alone."""
    found = re.fullmatch(rb"[0-9a-f]{%d}" % (2 * length), read(root, name))
    if not found:
        raise broken(name, "不是 %d 位元組之十六進位文字" % length, "it is not one line of %d bytes in hex" % length)
    return bytes.fromhex(found.group().decode())


def read_json(root, name):
    try:
        return json.loads(read(root, name).decode("utf-8"))
    except ValueError:
        raise broken(name, "不是可讀的 JSON", "it is not readable JSON")


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        for chunk in iter(lambda: data.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


# --- what is verified -------------------------------------------------------------------------------------------------


def check_sums(root, key):
    """Every file is there and is the one that was listed; no other is there. The hashes, by name."""
    listed = read(root, SUMS)
    sums = {}
    lines = listed.decode("utf-8", "replace").split("\n")
    if lines.pop():
        raise broken(SUMS, "末行不完整", "its last line is not whole")
    for number, line in enumerate(lines, 1):
        found = re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line)
        if not found or found.group(2).startswith("/") or ".." in found.group(2).split("/"):
            raise broken(SUMS, "第 %d 行無法讀取" % number, "line %d cannot be read" % number)
        sums[found.group(2)] = found.group(1)
    if key and not signed(key, listed, read_hex(root, SIGNATURE, 64)):
        raise broken(
            SUMS + " / " + SIGNATURE + " / " + KEY,
            "清單與簽章、金鑰不符，其中之一已遭更動",
            "the list does not agree with its signature and the key: one of them was changed",
        )
    for name in sorted(sums):
        if not os.path.isfile(place(root, name)):
            raise broken(name, "檔案不見了（%s 載有此檔）" % SUMS, "it is missing (%s lists it)" % SUMS)
        if sha256_of(place(root, name)) != sums[name]:
            raise broken(name, "內容已遭更動（與 SHA256SUMS 不符）", "it was changed (SHA256SUMS has another hash)")
    for folder, _folders, files in os.walk(root):
        for file in files:
            name = os.path.relpath(os.path.join(folder, file), root).replace(os.sep, "/")
            if name not in sums and name not in (SUMS, SIGNATURE) and file not in LEFT_BY_SYSTEMS:
                raise broken(name, "不在清單內之檔案", "it is not on the list")
    return sums


def check_chain(root, chain):
    """Every event hangs on the one before, up to the last.

    The hashes in order; what was sealed, with the number of the event; what was erased; the last event withheld.
    """
    hashes: list = []
    seals: dict = {}
    erased: set = set()
    withheld = 0
    for number, line in enumerate(read(root, EVENTS).splitlines(), 1):
        name = "%s #%d" % (EVENTS, number)
        try:
            event = json.loads(line.decode("utf-8"))
            written, before = event.pop("hash"), event.pop("previous")
            digest = event["digest"] if "digest" in event else sha256(canonical(event))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise broken(name, "無法讀取", "it cannot be read")
        if event.get("number") != number or before != (hashes[-1] if hashes else FIRST):
            raise broken(name, "未接續前一筆歷程（有缺漏、次序更動或改寫）", "it does not hang on the event before")
        if sha256((before + digest).encode("ascii")) != written:
            raise broken(name, "內容已遭更動（雜湊值不符）", "it was changed (its hash is not that of what it says)")
        hashes.append(written)
        detail = event.get("detail") or {}
        seals.update({key: (number, seal) for key, seal in detail.get("seals", {}).items()})
        erased.update(detail.get("erased", ()))
        withheld = number if "digest" in event else withheld
    if len(hashes) < chain["events"]:
        raise broken(
            EVENTS,
            "末尾遭截去：應有 %d 筆，僅有 %d 筆" % (chain["events"], len(hashes)),
            "its tail was cut off: %d events of %d are there" % (len(hashes), chain["events"]),
        )
    if len(hashes) > chain["events"] or (hashes or [FIRST])[-1] != chain["head"]:
        raise broken(EVENTS, "末筆與 %s 所載不符" % CASE, "its last event is not the one that %s names" % CASE)
    return hashes, seals, erased, withheld


def check_rows(root, sums, seals, erased, withheld):
    """What was filed and decided is what the trail sealed, and the files that it names are those. How many of each.

    An event that is withheld may have sealed a row anew: what was sealed before it is not held against the row.
    """
    seen, filed, submissions, sealed = set(), [], [], 0
    for number, line in enumerate(read(root, ROWS).splitlines(), 1):
        try:
            kept = json.loads(line.decode("utf-8"))
            row, path, held = kept["row"], kept["path"], kept.get("held")  # by the virus scanner
            key = "%s:%s" % (row["kind"], row["id"])
        except (ValueError, KeyError, TypeError):
            raise broken("%s #%d" % (ROWS, number), "無法讀取", "it cannot be read")
        name = "%s #%d（%s）" % (ROWS, number, key)
        at, seal = seals.get(key, (0, ""))
        if at > withheld and seal != sha256(canonical(row)):
            raise broken(name, "與歷程中之封存值不符", "it is not what the trail sealed")
        if row["kind"] == "attachment" and not (path or held) and key not in erased:
            raise broken(row["name"], "製作時系統內已無此檔案", "the portal did not have this file any more")
        if path and sums.get(path) != row["sha256"]:
            raise broken(path, "與登錄之 SHA-256 不符（%s）" % key, "it is not what was on record (SHA-256, %s)" % key)
        sealed += at > withheld
        if row["kind"] == "attachment":
            filed.append(row["sha256"])
        if row["kind"] == "submission" and path:
            submissions.append(path)
        seen.add(key)
    for key in sorted(seals):
        if key.split(":")[0] in ALL_THERE and key not in seen:
            raise broken("%s（%s）" % (ROWS, key), "歷程已封存之內容不見了", "what the trail sealed is missing")
    check_evidence(root, submissions, set(filed))
    return len(seen), sealed, len(filed)


def check_evidence(root, submissions, filed):
    """Every file that a submission names is in the pack."""
    for submission in submissions:
        for item, proofs in sorted(read_json(root, submission).get("evidence", {}).items()):
            for proof in proofs:
                if proof["sha256"] not in filed:
                    raise broken(
                        submission,
                        "%s 所引檔案「%s」不在稽核檔內" % (item, proof["name"]),
                        'the file "%s" that %s names is not in the pack' % (proof["name"], item),
                    )


def check_head(folder, name, key, case, hashes):
    """A signed head says how long the chain was on its day, and with which hash it ended."""
    data = read(folder, name)
    if not key or not signed(key, data, read_hex(folder, re.sub(r"\.json$", ".sig", name), 64)):
        raise broken(name, "簽章不符", "its signature is not of the key")
    head = read_json(folder, name)
    number, last = head["heads"].get(str(case["id"]), (0, FIRST))
    if number > len(hashes):
        raise broken(
            EVENTS,
            "末尾遭截去：%s 當日已有 %d 筆，僅有 %d 筆" % (head["day"], number, len(hashes)),
            "its tail was cut off: on %s there were %d events, here are %d" % (head["day"], number, len(hashes)),
        )
    if number and hashes[number - 1] != last:
        raise broken(
            "%s #%d" % (EVENTS, number),
            "與 %s 簽章之雜湊值不符，歷程經改寫" % head["day"],
            "it is not what was signed on %s: the trail was rewritten" % head["day"],
        )


def verify(root, key=None, heads=()):
    """Everything; what was verified, in words."""
    own = read_hex(root, KEY, 32) if os.path.isfile(place(root, KEY)) else None
    if key and own and key != own:
        raise broken(KEY, "不是您所提供之金鑰", "it is not the key that you gave")
    key = key or own
    sums = check_sums(root, key)
    case = read_json(root, CASE)
    hashes, seals, erased, withheld = check_chain(root, case["chain"])
    rows, sealed, files = check_rows(root, sums, seals, erased, withheld)
    for name in case["heads"]:
        check_head(root, name, key, case, hashes)
    for path in heads:
        check_head(os.path.dirname(os.path.abspath(path)), os.path.basename(path), key, case, hashes)
    count = (case["number"], len(sums), files, len(hashes), rows, sealed, len(case["heads"]) + len(heads))
    said = [
        "相符：%s，%d 檔（含佐證 %d）、歷程 %d 筆、登錄內容 %d（已封存 %d）、每日簽章 %d" % count,
        "All is as it was: %s, %d files (%d as evidence), %d events, %d records (%d sealed), %d signed heads" % count,
        "末筆歷程 last event: %s" % case["chain"]["head"],
    ]
    if case["withheld"]:
        said.append("未收錄內容之歷程 events by their hash alone: %d" % case["withheld"])
    if key:
        said.append(
            "公開金鑰 public key: %s（請與您自其他管道取得者比對 compare it with the one you have from elsewhere）"
            % key.hex()
        )
    else:
        said.append("未簽章：僅能證明檔內一致。Not signed: it agrees with itself, no more.")
    return "\n".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--key", type=bytes.fromhex)
    parser.add_argument("--head", action="append", default=[])
    asked = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        print(verify(asked.folder, asked.key, asked.head))
    except Broken as found:
        print("不符 BROKEN")
        print(found)
        return 1
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        print("無法查驗 Cannot be verified: %s: %s" % (type(error).__name__, error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
