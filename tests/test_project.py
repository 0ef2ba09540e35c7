"""The project's own promises: pins, pages, paths, sizes."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
MAX_LINES = 400
MAX_PAGE_LINES = 80
#: Folders of a working copy that are not the project.
NOT_OURS = {".git", ".venv", "build", "__pycache__", "node_modules"}
#: A folder of somebody's machine: the path from the root, not the tail of an address.
MACHINE_PATH = re.compile(r"(?<![\w.\-])/(?:home|work|root|Users)/[\w.]")
SQL = re.compile(
    r"\s*(?:(?:select|SELECT)\s.*\b(?:from|FROM)\b|(?:with|WITH)\s+\w+\s+(?:as|AS)\s*\(|(?:insert into|INSERT INTO)\b"
    r"|(?:delete from|DELETE FROM)\b|(?:update|UPDATE)\s+\w+\s+(?:set|SET)\b"
    r"|(?:create|CREATE)\s+(?:table|view|TABLE|VIEW)\b)",
    re.DOTALL,
)


def project_files() -> list[Path]:
    """Every file that is or would be committed; without git, every file of the tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        files = list(ROOT.rglob("*"))
    return sorted(path for path in files if path.is_file() and not NOT_OURS.intersection(path.relative_to(ROOT).parts))


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def pins(name: str) -> tuple[dict[str, str], list[Requirement]]:
    """The direct pins of a requirements file as name → version, and all its requirements."""
    head, heading, _ = (text := (ROOT / name).read_text(encoding="utf-8")).partition("# transitive\n")
    assert heading, f'{name} lacks the heading "# transitive"'

    def parse(part: str) -> list[Requirement]:
        lines = (line.strip() for line in part.splitlines())
        return [Requirement(line) for line in lines if line and not line.startswith("#")]

    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in parse(head)}, parse(text)


def documented() -> dict[str, str]:
    """Name → version as the tables of docs/dependencies.md have them."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| \[([\w.-]+)\]\([^)]*\) \| (\S+) \|", text, re.MULTILINE))


def page_faults(source: str) -> Iterator[str]:
    """What a page may not hold: SQL, queries of its own, figures of its own."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if SQL.match(text):
                yield f"line {node.lineno}: SQL"
            case ast.Attribute(value=ast.Name(id="go" | "px" as name)):
                yield f"line {node.lineno}: {name}.{node.attr}"
            case ast.Attribute(attr="execute" | "sql" | "fetchall" | "fetchdf" | "fetchone" as name):
                yield f"line {node.lineno}: .{name}"
            case ast.Import(names=names) if any(n.name.split(".")[0] in {"duckdb", "plotly"} for n in names):
                yield f"line {node.lineno}: import"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in {"duckdb", "plotly"}:
                yield f"line {node.lineno}: import"


def test_every_direct_dependency_is_explained_at_its_version() -> None:
    direct = {name: version for file in REQUIREMENTS for name, version in pins(file)[0].items()}
    assert documented() == direct


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    loose = [str(r) for r in pins(name)[1] if not re.fullmatch(r"==[\w.]+", str(r.specifier))]
    assert not loose


def test_everything_that_our_dependencies_bring_along_is_pinned() -> None:
    """A package that comes without a pin is a different one next year: `make lock`."""
    all_pins = {canonicalize_name(r.name) for file in REQUIREMENTS for r in pins(file)[1]}
    brought = {
        canonicalize_name(needed.name): name
        for name in all_pins - {"colorama", "watchdog"}
        for needed in map(Requirement, importlib.metadata.requires(name) or [])
        if needed.marker is None or needed.marker.evaluate({"extra": ""})
    }
    assert {name: by for name, by in brought.items() if name not in all_pins} == {}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_the_tests_run_on_the_pinned_versions(name: str) -> None:
    applying = [r for r in pins(name)[1] if r.marker is None or r.marker.evaluate()]
    assert applying
    other = {r.name: v for r in applying if (v := importlib.metadata.version(r.name)) not in r.specifier}
    assert other == {}


def test_the_server_listens_on_this_machine_only_and_sends_no_statistics() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] in {"localhost", "127.0.0.1", "::1"}
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture, or a sample in another encoding
            continue
        found += [f"{path.relative_to(ROOT)}: {m.group()}" for m in MACHINE_PATH.finditer(text)]
    assert not found


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("cd " + "/" + "home/ann/tas", True),
        ('"' + "/" + "root/.cache" + '"', True),
        ("https://example.com" + "/" + "home/ann", False),
        ("data" + "/" + "work/x.csv", False),
    ],
)
def test_the_search_for_folders_of_a_machine_finds_them(text: str, caught: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is caught


def test_python_files_are_short_enough_to_read() -> None:
    files = python_files()
    assert Path(__file__) in files
    lengths = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_pages_are_thin() -> None:
    """A page asks for metrics and charts by name; it holds no query and draws no figure itself."""
    faults = []
    for path in (ROOT / "pages").rglob("*.py"):
        source, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT)
        if (lines := len(source.splitlines())) > MAX_PAGE_LINES:
            faults.append(f"{name}: {lines} lines")
        if path.parent == ROOT / "pages":
            faults.append(f"{name}: pages lie one level deeper, in pages/<section>/")
        faults += [f"{name}: {fault}" for fault in page_faults(source)]
    assert not faults


@pytest.mark.parametrize(
    "source",
    [
        'rows = "select owner from deals"',
        'rows = """\nwith open_deals as (\n  select 1)"""',
        'rows = "DELETE FROM loads"',
        "cursor.execute(question)",
        "figure = go.Figure()",
        "import duckdb",
        "from plotly import graph_objects",
    ],
)
def test_the_check_of_pages_finds_what_it_is_for(source: str) -> None:
    assert list(page_faults(source))


def test_the_check_of_pages_lets_prose_pass() -> None:
    assert not list(page_faults('st.caption("Select a deal from the table; update and delete are on its page.")'))


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert re.search(r"^## \[Unreleased\]$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_licence_is_there_and_is_the_one_that_the_metadata_names() -> None:
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["license"] == "Apache-2.0"


def test_ci_runs_the_same_command_as_a_developer() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8").splitlines()
    assert sys.platform == "win32" or script.stat().st_mode & 0o111
