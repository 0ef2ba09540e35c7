"""Write the sample data of a fictional company: ``python data/generate_sample.py [--out DIR]``.

The same bytes come out on every run and every platform. What is planted in them is computed on the way and written to
``facts.json``; ``data/README.md`` explains it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sample_company import exports
from sample_company.activities import build_activities
from sample_company.assessment_files import assessment_facts, write_assessments
from sample_company.assessments import build_assessments
from sample_company.calls import write_calls
from sample_company.company import Company, build_company
from sample_company.facts import compute_facts
from sample_company.milestone_files import milestone_facts, write_activities, write_milestones
from sample_company.milestones import build_milestones
from sample_company.strategy_files import write_strategies
from sample_company.warning_signs import build_signs, sign_facts, write_signs


def write_company(company: Company, folder: Path) -> None:
    """All files of the sample, over whatever an earlier run left in the folder."""
    reports = folder / "opportunities"
    reports.mkdir(parents=True, exist_ok=True)
    seen = {day: exports.seen_on(company.deals, day) for day in exports.EXPORT_DAYS}
    for day, rows in seen.items():
        exports.write_opportunities(reports / f"opportunities_{day.isoformat()}.csv", rows, day)
    exports.write_accounts(folder / "accounts.csv", company.accounts)
    exports.write_people(folder / "people.csv", company.people)
    exports.write_products(folder / "products.csv")
    exports.write_targets(folder / "targets.csv", company.targets)
    exports.write_rates(folder / "rates.csv", company.rates)
    exports.write_stages(folder / "stages.csv")
    ratings, rivals = build_assessments(company)
    write_assessments(folder, ratings, rivals)
    milestones = build_milestones(company)
    activities = build_activities(company, milestones)
    write_milestones(folder, milestones)
    write_activities(folder, activities)
    signs = build_signs(company)
    write_signs(folder, signs)
    facts = compute_facts(company, seen) | {
        "assessment": assessment_facts(ratings, rivals),
        "milestones": milestone_facts(company, milestones, activities),
        "warnings": sign_facts(signs),
        "strategy": write_strategies(folder, ratings, rivals, seen[exports.EXPORT_DAYS[-1]]),
        "calls": write_calls(folder, company, seen),
    }
    exports.write_text(folder / "facts.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description="Write the sample data of a fictional company.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "sample", help="folder to write to")
    write_company(build_company(), parser.parse_args().out)


if __name__ == "__main__":
    main()
