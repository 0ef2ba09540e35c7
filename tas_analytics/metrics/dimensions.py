"""The ways in which deals can be split and filtered, each defined once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.periods import FiscalCalendar

#: Joins that a dimension may need; ``{at}`` is the condition that picks the version of the day.
JOINS: Final = {
    "deal_id": "join record oid on oid.table_name = 'opportunities' and oid.record_key = v.record_key",
    "owner_name": "left join record ow on ow.table_name = 'people' and ow.record_key = v.owner_key",
    "account_name": "left join record an on an.table_name = 'accounts' and an.record_key = v.account_key",
    "product_name": "left join record pn on pn.table_name = 'products' and pn.record_key = v.product_key",
    "person": "left join person_version p on p.record_key = v.owner_key and {at:p}",
    "account": "left join account_version a on a.record_key = v.account_key and {at:a}",
    "journey": "left join journey jn on jn.deal_key = v.record_key",
    "product": "left join product_version pr on pr.record_key = v.product_key and {at:pr}",
}


@dataclass(frozen=True)
class Dimension:
    """A way to split deals. ``sql`` gives text; ``by_person`` says that targets have it too."""

    key: str
    label: str
    doc: str
    sql: Callable[[FiscalCalendar], str]
    joins: tuple[str, ...] = ()
    person_sql: str | None = None
    plural: str = ""
    #: For a dimension of which a deal may have several values: SQL over ``v`` that a deal has one of those asked for.
    met_sql: str | None = None

    @property
    def all_label(self) -> str:
        """How a filter that is not set is written: ``all regions``."""
        return f"all {self.plural or self.label.lower() + 's'}"


def _fixed(sql: str) -> Callable[[FiscalCalendar], str]:
    return lambda _calendar: sql


DIMENSIONS: Final = (
    Dimension("stage", "Stage", "Step of the sales process, in its order.", _fixed("s.stage")),
    Dimension(
        "pipeline", "Pipeline", "The sales process that the deal's stage belongs to.",
        _fixed("coalesce(s.pipeline, v.pipeline)"),
    ),
    Dimension(
        "milestone",
        "Milestone",
        "The last milestone of the deal in the catalogue's order; where no milestones are recorded, its last open "
        "stage. In metrics of the milestone funnel: the milestone reached.",
        _fixed("jn.milestone"),
        ("journey",),
    ),
    Dimension("status", "Status", "Open, won or lost.", _fixed("s.status"), plural="states"),
    Dimension(
        "owner", "Owner", "The person responsible for the deal.", _fixed("ow.natural_key"), ("owner_name",), "t.person"
    ),
    Dimension(
        "manager",
        "Manager",
        "The person that the owner reports to.",
        _fixed("p.manager"),
        ("person",),
        "coalesce(tp.manager, tt.manager)",
    ),
    Dimension("team", "Team", "The owner's team.", _fixed("p.team"), ("person",), "coalesce(t.team, tp.team)"),
    Dimension(
        "region",
        "Region",
        "The deal's own region, or else the owner's.",
        _fixed("coalesce(v.region, p.region)"),
        ("person",),
        "coalesce(tp.region, tt.region)",
    ),
    Dimension("product", "Product", "The deal's main product.", _fixed("pn.natural_key"), ("product_name",)),
    Dimension(
        "family", "Product family", "Family of the main product.", _fixed("pr.family"), ("product",),
        plural="product families",
    ),
    Dimension("deal", "Deal", "One deal, by its ID.", _fixed("oid.natural_key"), ("deal_id",)),
    Dimension("account", "Account", "The customer.", _fixed("an.natural_key"), ("account_name",)),
    Dimension("industry", "Industry", "The customer's line of business.", _fixed("a.industry"), ("account",),
              plural="industries"),
    Dimension(
        "segment",
        "Segment",
        "The deal's own market segment, or else the account's.",
        _fixed("coalesce(v.segment, a.segment)"),
        ("account",),
    ),
    Dimension("source", "Lead source", "Where the deal came from.", _fixed("v.source")),
    Dimension("type", "Type", "New business, expansion, renewal or the company's own types.", _fixed("v.type")),
    Dimension(
        "forecast_category",
        "Forecast category",
        "The category that the owner gives the deal in the forecast.",
        _fixed("v.forecast_category"),
        plural="forecast categories",
    ),
    Dimension(
        "close_month", "Close month", "Month of the close date.", _fixed("strftime(v.close_date, '%Y-%m')"), (),
    ),
    Dimension(
        "close_quarter",
        "Close quarter",
        "Fiscal quarter of the close date.",
        lambda calendar: calendar.quarter_sql("v.close_date"),
        (),
        "close_quarter",
    ),
    Dimension(
        "created_quarter",
        "Created quarter",
        "Fiscal quarter in which the deal was opened.",
        lambda calendar: calendar.quarter_sql("v.created_date"),
    ),
)  # fmt: skip
#: Ways to split ratings, of which a deal has many. Numbers of deals are blank there: they would count twice.
RATING_DIMENSIONS: Final = (
    Dimension(
        "competitor",
        "Competitor",
        "Who else wants the deal. As a filter: deals in which the competitor is rated or listed.",
        _fixed("x.competitor"),
        met_sql="""(
            exists (select 1 from assessment_profile ap where ap.opportunity_key = v.record_key and ap.competitor <> ''
                and list_contains($f_competitor, ap.competitor)
                and ap.valid_from <= {day} and (ap.valid_to is null or ap.valid_to > {day}))
            or exists (select 1 from competitor_version cv where cv.opportunity_key = v.record_key
                and list_contains($f_competitor, trim(cv.competitor)) and {at:cv})
        )""",
    ),
    Dimension("criterion", "Criterion", "One of the 20 criteria of the assessment, by its number.",
              _fixed("cast(x.criterion as varchar)"), plural="criteria"),
    Dimension("question", "Question", "The question of the assessment that a criterion belongs to, by its number.",
              _fixed("cast(cast((x.criterion - 1) // 5 + 1 as integer) as varchar)")),
)  # fmt: skip
_BY_KEY: Final = {dimension.key: dimension for dimension in (*DIMENSIONS, *RATING_DIMENSIONS)}


def dimension(key: str) -> Dimension:
    """The dimension of that key, or a refusal that lists them."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise BadQuestion(f'There is no dimension "{key}"', f"Dimensions: {', '.join(_BY_KEY)}.") from None
