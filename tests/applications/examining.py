"""``python -m tests.applications.examining FOLDER``: what every hostile file is found to be, and what that took.

In a process of its own, so that its memory is its own. Prints JSON: the memory at rest in MB, and for each file in
the order of the manifest what was said of it, the megabytes above rest at most, and the seconds.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from pathlib import Path
from time import process_time
from typing import Any

from applications.evidence import Refused, recognise
from reviews.demo.sample_filing import FOLDER

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def megabytes(what: str) -> float:
    """VmRSS, or VmHWM: the most since ``forget``."""
    found = re.search(rf"{what}:\s+(\d+) kB", STATUS.read_text())
    assert found
    return int(found[1]) / 1024


def forget() -> None:
    gc.collect()
    CLEAR.write_text("5")


def examine(name: str, path: Path) -> str:
    try:
        with path.open("rb") as data:
            return recognise(name, data).name
    except Refused as refused:
        return str(refused)


def main(folder: Path) -> dict[str, Any]:
    for good in FOLDER.iterdir():  # what is loaded once is not the bombs'
        examine(good.name, good)
    forget()
    rest, files = megabytes("VmRSS"), []
    for number, entry in enumerate(json.loads((folder / "manifest.json").read_text())):
        forget()
        begin = process_time()
        said = examine(entry["name"], folder / f"{number:03}")
        files.append({"said": said, "above": megabytes("VmHWM") - rest, "seconds": process_time() - begin})
    return {"rest": rest, "files": files}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), ensure_ascii=False))  # noqa: T201
