"""Pages run without a browser, on stores of every kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tas_analytics.ui import behind
from tests import shared
from tests.app import stores

ROOT: Final = Path(__file__).resolve().parents[2]
#: The pages by the path that they have in the browser.
PAGES: Final = {
    "home": "pages/overview/home.py",
    "pipeline": "pages/pipeline/by_stage.py",
    "deal": "pages/pipeline/deal.py",
    "assessment": "pages/assessment/heatmap.py",
    "unknowns": "pages/assessment/unknowns.py",
    "strategy": "pages/strategy/strategy.py",
    "what-wins": "pages/assessment/what_wins.py",
    "milestones": "pages/milestones/funnel.py",
    "evidence": "pages/milestones/evidence.py",
    "debrief": "pages/review/debrief.py",
    "activities": "pages/activities/mine.py",
    "changes": "pages/review/changes.py",
    "forecast": "pages/review/forecast.py",
    "track-record": "pages/review/track_record.py",
    "board": "pages/review/board.py",
    "risks": "pages/review/risks.py",
    "meeting": "pages/review/meeting.py",
    "data": "pages/data/data.py",
    "glossary": "pages/help/glossary.py",
}
TABS: Final = ("Upload", "Loads", "Data trust", "Settings", "Templates")
#: Seconds a page may take: the machines of a test farm are slow, and some tests run beside others.
TIMEOUT: Final = 60.0
#: Seconds until which what is worked out in the background must be there.
PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Shelf:
    """The stores that only get read, by name; each is made once, when a test first asks for it."""

    folder: Path
    built: Path
    sample: Callable[[], Path]
    public: Callable[[], Path]

    def path(self, name: str) -> Path:
        """The store of that name: a copy of the one that all workers share."""
        path = self.folder / f"{name}.duckdb"
        if not path.exists():
            shared.copy(self._whole(name), path)
        return path

    def _whole(self, name: str) -> Path:
        if name == "sample":
            return self.sample()
        return shared.once(self.built / f"{name}.duckdb", partial(self._make, name))

    def _make(self, name: str, path: Path) -> None:
        if name == "empty":
            Store.open(path).close()
        elif name == "public":
            stores.store_with(path, stores.public_crm(self.public()))
        else:
            makers = {
                "one deal": stores.one_deal,
                "markup": stores.markup_names,
                "no amounts": stores.no_amounts,
                "no dates": stores.no_dates,
                "plans": stores.plans,
            }
            stores.store_with(path, makers[name]())


@pytest.fixture(scope="session", autouse=True)
def _look_for_components_once() -> Iterator[None]:
    """Streamlit reads the metadata of every installed package for each AppTest; they do not change meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shelf]:
    folder = tmp_path_factory.getbasetemp() / "app-stores"
    folder.mkdir(exist_ok=True)
    built = shared.run_folder(tmp_path_factory.getbasetemp()) / "app"
    built.mkdir(exist_ok=True)
    asked = (partial(request.getfixturevalue, name) for name in ("sample_file", "public_data"))
    yield Shelf(folder, built, *asked)
    for path in folder.glob("*.duckdb"):
        Store.open(path).close()


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """What a page has begun in the background ends with the test that opened it."""
    yield
    behind.line.forget()


def _app(path: str) -> AppTest:
    app = AppTest.from_file(ROOT / path, default_timeout=TIMEOUT)
    app.context["theme"] = "light"
    return app


@cache
def _pages() -> Any:
    """The pages as the frame lists them, which no data changes."""
    return _app("dashboard.py").run()._registered_pages


@dataclass(frozen=True)
class Visitor:
    """Opens pages on one own store and one sample store."""

    own: Path
    sample: Path

    def open(self, place: str = "home", **params: str) -> AppTest:
        """A page as a link with these parameters would open it."""
        app = _app("dashboard.py")
        app.query_params.update(params)
        if place != "home":
            # AppTest learns by a run where the pages are. One run for all visits will do: a link leads straight there.
            app._registered_pages = _pages()
            app.switch_page(PAGES[place])
        return app.run()

    def alone(self, place: str, **params: str) -> AppTest:
        """A page's file run by itself, without the frame."""
        app = _app(PAGES[place])
        app.query_params.update(params)
        return app.run()

    @property
    def store(self) -> Store:
        """The store that the pages show by default."""
        own = Store.open(self.own)
        return own if Company.of(own).days else Store.open(self.sample)

    @property
    def company(self) -> Company:
        """The facts of that store."""
        return Company.of(self.store)


@pytest.fixture
def visitor(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Visitor]:
    """``visitor("markup")``: own data is that store; ``visitor("sample")``: own data is empty."""

    def come(name: str) -> Visitor:
        own = shelf.path("empty" if name == "sample" else name)
        one = Visitor(own, shelf.path("sample"))
        monkeypatch.setenv("TAS_STORE", str(one.own))
        monkeypatch.setenv("TAS_SAMPLE_STORE", str(one.sample))
        return one

    return come


def headline(app: AppTest) -> str:
    """The page's first sentence as a reader sees it: without the escapes."""
    for element in app.main.markdown:
        _, sign, sentence = element.value.partition("\n# ")
        if sign:
            return sentence.replace("\\", "").strip()
    raise AssertionError("the page has no headline")


def grey_line(app: AppTest) -> str:
    """The small line above the headline."""
    return next(e.value for e in app.main.markdown if "\n# " in e.value).partition("\n")[0].replace("\\", "")


def badge(app: AppTest) -> Any:
    """How far the data can be trusted, as the page says it."""
    (one,) = [link.proto for link in app.get("page_link") if link.proto.label.startswith(":")]
    return one


def everything(app: AppTest) -> str:
    """All Markdown of the page, sidebar included."""
    return "\n".join(element.value for element in app.markdown)


def once(app: AppTest, is_waiting: Callable[[AppTest], bool]) -> AppTest:
    """The page once what it waits for has been worked out in the background."""
    end = time.monotonic() + PATIENCE
    while is_waiting(app):
        assert time.monotonic() < end
        time.sleep(0.5)
        healthy(app.run())
    return app


def healthy(app: AppTest) -> AppTest:
    """The page, after making sure that it holds neither an exception nor a refusal."""
    assert not app.exception, [error.value for error in app.exception]
    assert not app.error
    refused = [element.value for element in app.markdown if element.value.startswith(":red[**✕")]
    assert not refused
    assert "Traceback" not in everything(app)
    return app
