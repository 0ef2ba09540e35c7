"""The filters in the sidebar: on every page, and in the URL, so that a view can be sent on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import count, day
from tas_analytics.metrics import cohorts
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.periods import FiscalCalendar, Period
from tas_analytics.metrics.scope import Scope
from tas_analytics.ui import author, session
from tas_analytics.ui.session import NAMES, OWN, SAMPLE, View

ALL: Final = "all"
NO_SPLIT: Final = "none"
NO_DAY: Final = "none"
#: In the place of a dimension: other deals to compare with.
OTHER: Final = "other"
_IN_URL: Final = "data_in_url"
_BY_WORDS: Final = {words: key for key, words in NAMES.items()}
#: Dimensions shown at once, and those behind "More filters".
FIRST: Final = ("region", "manager")
MORE: Final = ("owner", "team", "product", "segment", "stage", "status")


def sidebar() -> View:
    """Draw the filters and give the view that they describe."""
    links_in_words(LINKED)
    with st.sidebar:
        which = _which_store()
        store = session.store_of(which)
        version = store.data_version
        company = session.company_of(store)
        whole = View(which, store, version, company, Scope(session.first_day(company)))
        if which == SAMPLE and not session.company_of(session.own_store()).days:
            st.button("Start with my own data", key="start", on_click=show, args=(OWN,), type="tertiary")
        if whole.empty:
            st.caption("No deals loaded yet.")
            return whole
        period = _period(whole)
        # Where nobody has a region or a manager, owners take their place.
        first = [key for key in FIRST if whole.choices(key)] or ["owner"]
        more = [key for key in MORE if key not in first]
        filters = {key: _values(whole, key) for key in first}
        chosen = sum(bool(st.session_state.get(key)) for key in more)
        with st.expander(f"More filters ({chosen} set)" if chosen else "More filters"):
            as_of = _as_of(company)
            filters |= {key: _values(whole, key) for key in more}
        scope = Scope.of(as_of, period, filters)
        _as_of_line(whole, as_of)
        author.picker(whole)
    return View(which, store, version, company, scope)


def forget() -> None:
    """Take off all filters: those of one store's data do not fit the other's."""
    for key in ("period", "as_of", *FIRST, *MORE):
        st.session_state.pop(key, None)


def show(which: str) -> None:
    """Switch to the other store."""
    forget()
    st.session_state["data"] = which


def periods(company: Company, first: dt.date | None, last: dt.date | None) -> list[Period]:
    """The fiscal quarters to choose from, newest first: those with deals, and the present one."""
    now = company.last_day or dt.date(1970, 1, 1)
    oldest, newest = min(first or now, now), max(last or now, now)
    # A typing error in one close date must not make the list a hundred years long.
    newest = min(newest, now + dt.timedelta(days=3 * 366))
    oldest = max(oldest, now - dt.timedelta(days=6 * 366))
    return company.calendar.quarters(oldest, newest)[::-1]


def default_period(view: View) -> str:
    """The present fiscal quarter, or all dates where no open deal closes in it."""
    if view.company.last_day is None:
        return ALL
    now = view.company.calendar.quarter_of(view.company.last_day)
    scope = Scope(view.company.last_day)
    open_now = view.measure(("open_deals", "won_deals"), scope=scope.within(now))
    open_ever = view.measure(("open_deals",), scope=scope)
    return now.key if open_now["open_deals"].iloc[0] > 0 or open_ever["open_deals"].iloc[0] == 0 else ALL


def links_in_words(linked: Mapping[str, Callable[[str], str]]) -> None:
    """Put keys in the URL into the words of the filters: ``period=2026Q4`` as well as ``period=Q4+2026``.

    A bound widget reads and writes the words on screen; a link written by hand, or by a program,
    names the key. Runs once for such a link, before any widget has seen it.
    """
    changed = False
    for name, say in linked.items():
        asked = st.query_params.get(name)
        if asked is None or name in st.session_state:
            continue
        try:
            words = say(asked)
        except (KeyError, ValueError, TasError):
            continue  # in words already, or nothing that we know: the widget decides
        if words != asked:
            st.query_params[name] = words
            changed = True
    if changed:
        st.rerun()


def period_in_words(calendar: FiscalCalendar, key: str) -> str:
    """``Q4 2026`` for ``2026Q4``, or ``Q4 FY2026`` where the year begins in another month than January."""
    return "All close dates" if key == ALL else calendar.parse(key).label


def day_in_words(key: str) -> str:
    """``Mon 16 Nov 2026`` for ``2026-11-16``."""
    return day(dt.date.fromisoformat(key), weekday=True)


def split_in_words(key: str) -> str:
    """``By region`` for ``region``."""
    return "Not split" if key == NO_SPLIT else f"By {dimension(key).label.lower()}"


def compared_in_words(key: str) -> str:
    """``With other deals``, or ``By region`` for ``region``."""
    if key == NO_SPLIT:
        return "Not compared"
    return "With other deals" if key == OTHER else split_in_words(key)


def cohort_in_words(key: str) -> str:
    """``Created in Q3 2025`` for ``created:2025Q3``; what depends on the period chosen has no words of its own."""
    if key not in {cohorts.YEAR, cohorts.YEAR_BEFORE, cohorts.ALL} and not cohorts.names_period(key):
        raise KeyError(key)
    return cohorts.in_words(key)


def marked_in_words(key: str) -> str:
    """``Changed since 12 Oct 2026`` for ``2026-10-12``."""
    return "No changes marked" if key == NO_DAY else f"Changed since {day(dt.date.fromisoformat(key))}"


#: Parameters of links that may carry keys, and how each key is said; a period is said in the company's own calendar.
LINKED: Final[dict[str, Callable[[str], str]]] = {
    "as_of": day_in_words,
    "since": day_in_words,
    "split": split_in_words,
    "marked": marked_in_words,
    "cohort": cohort_in_words,
    "with": cohort_in_words,
    "compare": compared_in_words,
}


def _which_store() -> str:
    """The store that the page shows. It always stands in the URL, so that a link leads to the same one for everybody.

    A bound widget would leave the URL when it shows its default, and the default here depends on
    whether the company has loaded anything.
    """
    asked = _BY_WORDS.get(st.query_params.get("data", ""), st.query_params.get("data"))
    if asked in NAMES and asked != st.session_state.get(_IN_URL):
        st.session_state["data"] = asked  # a link, or the browser's back button
    elif st.session_state.get("data") not in NAMES:
        st.session_state["data"] = session.default_store()
    chosen = st.segmented_control(
        "Data",
        [SAMPLE, OWN],
        required=True,
        format_func=NAMES.__getitem__,
        key="data",
        label_visibility="collapsed",
        on_change=forget,
    )
    which = str(chosen or session.default_store())
    if st.query_params.get("data") != which:
        st.query_params["data"] = which
    st.session_state[_IN_URL] = which
    return which


def _period(whole: View) -> Period | None:
    company = whole.company
    span = whole.measure(("deals",), ("close_month",), Scope(whole.scope.as_of))
    months = [value for value in span["close_month"] if value]
    first = dt.date.fromisoformat(f"{min(months)}-01") if months else None
    last = dt.date.fromisoformat(f"{max(months)}-01") if months else None
    found = {one.key: one for one in periods(company, first, last)}
    options = [ALL, *found]
    fallback = default_period(whole)
    in_words = partial(period_in_words, company.calendar)
    links_in_words({"period": in_words})
    chosen = st.selectbox(
        "Period",
        options,
        index=options.index(fallback) if fallback in options else 0,
        format_func=in_words,
        key="period",
        bind="query-params",
    )
    return found.get(str(chosen))


def _values(whole: View, key: str) -> tuple[str, ...]:
    one = dimension(key)
    values = whole.choices(key)
    if not values:  # no deal has any
        return ()
    plural = one.plural or one.label.lower() + "s"
    chosen = st.multiselect(
        one.label,
        values,
        key=key,
        bind="query-params",
        placeholder=f"All {plural}",
    )
    return tuple(chosen)


def _as_of(company: Company) -> dt.date:
    options = [day.isoformat() for day in reversed(company.days)]
    chosen = st.selectbox("As of", options, format_func=day_in_words, key="as_of", bind="query-params")
    return dt.date.fromisoformat(str(chosen))


def _as_of_line(whole: View, as_of: dt.date) -> None:
    company = whole.company
    latest = as_of == company.last_day
    text = f"Data as of {day(as_of, weekday=True)}"
    if not latest:
        text += f"  \n:orange[The newest export is of {day(company.last_day, weekday=True)}]"
    open_deals = whole.measure(("open_deals",), scope=Scope(as_of))["open_deals"].iloc[0]
    st.caption(f"{text}  \n{count(int(open_deals), 'open deal')} · {count(company.exports, 'export')}")
