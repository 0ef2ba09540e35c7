"""Pages run without a browser, on stores of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
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
    "board": "pages/review/board.py",
    "risks": "pages/review/risks.py",
    "data": "pages/data/data.py",
    "glossary": "pages/help/glossary.py",
}
TABS: Final = ("Upload", "Loads", "Data trust", "Settings", "Templates")
#: Seconds a page may take: the machines of a test farm are slow, and some tests run beside others.
TIMEOUT: Final = 60.0


@dataclass(frozen=True)
class Shelf:
    """The stores that only get read, by name; each is made once, when a test first asks for it."""

    folder: Path
    public: Callable[[], Path]

    def path(self, name: str) -> Path:
        """The store of that name."""
        path = self.folder / f"{name}.duckdb"
        if not path.exists():
            self._make(name, path)
        return path

    def _make(self, name: str, path: Path) -> None:
        if name == "sample":
            stores.copy_sample(self.folder / "built", path)
        elif name == "empty":
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


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shelf]:
    folder = tmp_path_factory.getbasetemp() / "app-stores"
    folder.mkdir(exist_ok=True)
    yield Shelf(folder, lambda: Path(request.getfixturevalue("public_data")))
    for path in folder.glob("*.duckdb"):
        Store.open(path).close()


def _app(path: str) -> AppTest:
    app = AppTest.from_file(ROOT / path, default_timeout=TIMEOUT)
    app.context["theme"] = "light"
    return app


@dataclass(frozen=True)
class Visitor:
    """Opens pages on one own store and one sample store."""

    own: Path
    sample: Path

    def open(self, place: str = "home", **params: str) -> AppTest:
        """A page as a link with these parameters would open it."""
        app = _app("dashboard.py")
        app.query_params.update(params)
        app.run()
        if place != "home":
            # AppTest learns by a first run where the pages are; what is not for the first page is given again.
            app.switch_page(PAGES[place])
            app.query_params.update(params)
            app.run()
        return app

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


def everything(app: AppTest) -> str:
    """All Markdown of the page, sidebar included."""
    return "\n".join(element.value for element in app.markdown)


def healthy(app: AppTest) -> AppTest:
    """The page, after making sure that it holds neither an exception nor a refusal."""
    assert not app.exception, [error.value for error in app.exception]
    assert not app.error
    refused = [element.value for element in app.markdown if element.value.startswith(":red[**✕")]
    assert not refused
    assert "Traceback" not in everything(app)
    return app
