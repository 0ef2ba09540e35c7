"""Everything public is documented, and what the documents name exists."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from tas_analytics.cli import app
from tas_analytics.ingest.understanding import presets as presets_module
from tas_analytics.store import TABLES
from tests.test_project import ROOT, project_files
from tools.markdown import anchor

DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
PICTURED = (
    "home", "pipeline", "deal", "changes", "board", "risks", "meeting", "assessment", "worksheet", "strategy",
    "what-wins", "milestones", "evidence", "activities", "data", "glossary", "score", "forecast", "track-record",
)  # fmt: skip
SCREENSHOTS = {f"{page}-{theme}.png" for page in PICTURED for theme in ("light", "dark")}
#: Links, images, and the addresses inside HTML.
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
OUTSIDE = re.compile(r"[a-z]+:")


def pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def links(path: Path) -> list[str]:
    """Addresses inside the project that a page names."""
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    found = [one or two for one, two in LINK.findall(prose)]
    return [unquote(address) for address in found if not OUTSIDE.match(address)]


def anchors(path: Path) -> set[str]:
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    return {anchor(heading.replace("`", "")) for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def commands() -> dict[str, list[str]]:
    """Each command with its options."""
    group = typer.main.get_command(app)
    return {
        name: [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
        for name, command in getattr(group, "commands", {}).items()
    }


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def test_every_page_of_the_dashboard_is_in_the_user_guide() -> None:
    titles = re.findall(r"st\.Page\([^)]*title=\"([^\"]+)\"", read("tas_analytics/ui/frame.py"))
    assert len(titles) == len(list((ROOT / "pages").rglob("*.py")))
    headings = re.findall(r"^## (.+)$", read("docs/user-guide.md"), re.MULTILINE)
    assert [title for title in titles if title not in headings] == []


def test_every_tab_of_the_data_page_is_in_the_user_guide() -> None:
    named = re.search(r"^names = (\[.*\])$", read("pages/data/data.py"), re.MULTILINE)
    assert named is not None
    section = read("docs/user-guide.md").partition("\n## Data\n")[2].partition("\n## ")[0]
    headings = " ".join(re.findall(r"^### (.+)$", section, re.MULTILINE))
    assert [tab for tab in json.loads(named[1]) if tab not in headings] == []


def test_every_command_and_option_is_on_the_page_of_the_command_line() -> None:
    text = read("docs/command-line.md")
    assert commands()
    for name, options in commands().items():
        section = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert [option for option in options if option not in section] == [], name


def test_every_variable_that_is_read_is_documented() -> None:
    """A variable of the environment is part of what users rely on."""
    sources = [p for p in project_files() if p.suffix in {".py", ".sh"} or p.name == "Makefile"]
    sources = [p for p in sources if p.relative_to(ROOT).parts[:2] != ("tests", "docs")]
    used = {name for path in sources for name in re.findall(r"\bTAS_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert "TAS_STORE" in used
    listed = set(re.findall(r"^\| `(\w+)` \|", read("docs/command-line.md"), re.MULTILINE))
    assert used - listed == set()
    assert {name for name in listed if name.startswith("TAS_")} - used == set()


def test_every_setting_of_the_company_is_documented() -> None:
    sources = [path for path in project_files() if path.is_relative_to(ROOT / "tas_analytics")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix in {".py", ".sql"})
    names = set(re.findall(r"set_setting\(\s*\w+,\s*\"(\w+)\"", code))
    names |= set(re.findall(r"insert into setting values \('(\w+)'", code))
    assert len(names) >= 4
    text = read("docs/architecture.md")
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_setting_of_the_server_is_documented() -> None:
    config = tomllib.loads(read(".streamlit/config.toml"))["server"]
    text = read("docs/deployment.md")
    assert [name for name in config if f"| `{name}` |" not in text] == []
    shown = re.findall(r"^\| `(address|port|maxUploadSize)` \| `([^`]+)` \|", text, re.MULTILINE)
    assert dict(shown) == {name: str(config[name]) for name in ("address", "port", "maxUploadSize")}


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for address in links(path):
        name, _, anchor = address.partition("#")
        target = (path.parent / name).resolve() if name else path
        if target.parent == IMAGES:
            continue  # the next test is about these
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(address)
    assert broken == []


def test_pictures_are_there() -> None:
    pictures = {
        (path.parent / address).resolve() for path in pages() for address in links(path) if address.endswith(".png")
    }
    assert {picture.name for picture in pictures} == SCREENSHOTS
    if not IMAGES.is_dir():
        pytest.skip("docs/images is not there: tools/screenshots.py takes the pictures")
    assert sorted(picture.name for picture in pictures if not picture.is_file()) == []


def test_every_screenshot_is_shown_in_the_user_guide() -> None:
    shown = {Path(address).name for address in links(DOCS / "user-guide.md") if address.endswith(".png")}
    assert shown == SCREENSHOTS


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_documents_name_exist(path: Path) -> None:
    """`make x` is a target, `python -m tas_analytics x` a command, and `python some/script.py` a file."""
    text = path.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"`+([^`]+)`+", text))
    assert [name for name in re.findall(r"\bmake ([a-z][a-z-]*)", code) if name not in targets()] == []
    called = re.findall(r"-m tas_analytics(?: --store \S+)? ([a-z]+)", code)
    assert [name for name in called if name not in commands()] == []
    scripts = re.findall(r"python (\w+/\w+\.py)", code)
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


def test_the_readme_has_the_two_commands_and_the_lines_for_plain_pip() -> None:
    text = read("README.md")
    for line in (
        "make run",
        "make test",
        ".venv/bin/python -m pip install -r requirements.txt",
        ".venv/bin/python -m tas_analytics serve",
        "py -3.11 -m venv .venv",
        r".venv\Scripts\python -m pip install -r requirements.txt",
        r".venv\Scripts\python -m tas_analytics serve",
    ):
        assert f"\n{line}\n" in text, line
    assert tomllib.loads(read("pyproject.toml"))["project"]["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in text


def test_every_decision_is_in_the_list_of_decisions() -> None:
    listed = set(re.findall(r"\]\((\d{3}-[\w-]+\.md)\)", read("docs/decisions/README.md")))
    records = {path.name for path in (DOCS / "decisions").glob("[0-9]*.md")}
    assert listed == records
    numbers = sorted(name[:3] for name in records)
    assert numbers == [f"{number:03d}" for number in range(1, len(numbers) + 1)]
    for name in sorted(records):
        text = read(f"docs/decisions/{name}")
        assert text.startswith(f"# {name[:3]} "), name
        assert "**Decided.**" in text and "**Why.**" in text, name  # noqa: PT018


def test_the_examples_of_a_mapping_and_a_preset_are_what_the_program_reads() -> None:
    text = read("docs/importing.md")
    example = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])  # type: ignore[index]
    columns = {column.name for one in TABLES if one.name == example["table"] for column in one.columns}
    assert set(example) == {"table", "columns", "date_order", "decimal"}
    assert set(example["columns"]) <= columns
    system = tomllib.loads(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1])  # type: ignore[index]
    (export,) = system.pop("export")
    preset = presets_module._preset(system, export)
    assert set(preset.columns) | {one.column for one in preset.recipes} <= columns
    assert (len(preset.recipes), len(preset.drops), preset.require[1]) == (1, 1, ("Phase", "Step"))
    known = set()
    for path in presets_module.FOLDER.glob("*.toml"):
        if path.stem not in {"synonyms", "not_yet", "generic"}:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            known |= {key for one in [data, *data.get("export", [])] for key in one}
    assert known <= {*system, *export, "export"}
