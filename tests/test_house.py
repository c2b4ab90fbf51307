"""Habits of the house that no linter holds."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINS = ("requirements.txt", "requirements-dev.txt", ".ci/requirements-redis.txt", "requirements-s3.txt")
LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json", "yarn.lock"}
TARGETS = {"setup", "demo", "test", "check", "bench", "help"}
LONGEST = 400
# A path that exists on one machine alone; written so that this line does not find itself.
MACHINE_PATH = re.compile(r"/(?:home|Users|root|work|farm)/[A-Za-z0-9_.-]+/|/tmp/[b]ash_jobs")
LEFT_ALONE = ("var", "test-results", ".git")  # the last is a file in a second working tree


def files(pattern: str = "*") -> Iterator[Path]:
    """The project's own files: not the environment, not what tools and the running portal leave behind."""
    for path in ROOT.rglob(pattern):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        if path.is_file() and not hidden and parts[0] not in LEFT_ALONE and "__pycache__" not in parts:
            yield path


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def test_no_module_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in files("*.py")
        if "migrations" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_file_names_a_place_on_one_machine() -> None:
    found = {str(path.relative_to(ROOT)): MACHINE_PATH.findall(text_of(path)) for path in files()}
    assert {name: places for name, places in found.items() if places} == {}


def test_no_lock_file_with_addresses() -> None:
    assert [path.name for path in files() if path.name in LOCKS] == []


@pytest.mark.parametrize("name", PINS)
def test_requirements_have_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text
    entries = [line for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#")]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_requirements_pin_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run, dev, bucket = pins(PINS[0]), pins(PINS[1]), pins(PINS[3])
    extras = project["optional-dependencies"]

    def asked(specs: list[str]) -> set[str]:
        return {re.split(r"[\[<>=!~; ]", spec)[0].lower() for spec in specs}

    assert asked(project["dependencies"]) - set(run) == set()
    assert asked(extras["dev"] + extras["s3"]) - set(dev) == set()
    assert asked(project["dependencies"] + extras["s3"]) - set(bucket) == set()
    assert {name: version for name, version in run.items() if {dev.get(name), bucket.get(name)} != {version}} == {}
    assert {name: version for name, version in bucket.items() if dev.get(name) != version} == {}


def test_scripts_can_be_run_and_parse() -> None:
    scripts = [path for path in (ROOT / ".ci").iterdir() if text_of(path).startswith("#!")]
    assert {"run", "packages", "venv", "redis", "demo"} <= {path.name for path in scripts}
    for path in scripts:
        assert path.stat().st_mode & 0o111, f"{path.name} has no run bit"
        subprocess.run(["bash", "-n", path], check=True)


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", said, re.MULTILINE)) >= TARGETS
