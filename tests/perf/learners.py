"""The learners that the chance to win is compared with, each with the settings that its makers recommend.

Each takes a table of deals and their outcomes and gives a function from deals to probabilities. Those whose package is
not installed are left out with a reason: none of them is a dependency.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder

from tas_analytics.forecast import WinModel

Chances = npt.NDArray[np.float64]
Scorer = Callable[[pd.DataFrame], Chances]
Learner = Callable[[pd.DataFrame, pd.Series], Scorer]


def constant(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """The base rate."""
    rate = (won.sum() + 0.5) / (len(won) + 1)
    return lambda others: np.full(len(others), rate)


def _words(deals: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Every column as words, numbers by fifths of the fitted deals."""
    edges = {
        name: np.unique(np.nanquantile(deals[name].astype(float), [0.2, 0.4, 0.6, 0.8]))
        for name in deals
        if deals[name].dtype.kind in "if" and deals[name].notna().any()
    }

    def worded(others: pd.DataFrame) -> pd.DataFrame:
        found = others.astype(str)
        for name, cuts in edges.items():
            values = others[name].astype(float)
            found[name] = np.where(values.isna(), "", np.searchsorted(cuts, values.fillna(0)).astype(str))
        return found

    return worded


def one_column(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """Win rates by the column that does best on held-back folds, leaning on the base rate by five deals."""
    worded, y = _words(deals), np.asarray(won, dtype=np.float64)
    words, rate = worded(deals), (won.sum() + 1) / (len(won) + 2)

    def table(cells: pd.Series, outcomes: Chances) -> pd.Series:
        grouped = pd.Series(outcomes).groupby(cells.to_numpy()).agg(["sum", "count"])
        return (grouped["sum"] + 5 * rate) / (grouped["count"] + 5)

    losses = {}
    for name in words:
        held = np.full(len(y), rate)
        for into, out in KFold(5, shuffle=True, random_state=0).split(words):
            held[out] = words[name].iloc[out].map(table(words[name].iloc[into], y[into])).fillna(rate)
        losses[name] = log_loss(y, held).mean()
    best = min(losses, key=lambda name: losses[name])
    rates = table(words[best], y)
    return lambda others: np.asarray(worded(others)[best].map(rates).fillna(rate), dtype=np.float64)


def naive_bayes(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """Odoo's way: frequencies of each cell among won and lost, a tenth of a deal added to each count."""
    worded, y = _words(deals), won.astype(float).to_numpy()
    words = worded(deals)
    rate = y.mean()
    tables = {}
    for name in words:
        grouped = pd.Series(y).groupby(words[name].to_numpy()).agg(["sum", "count"])
        tables[name] = (
            (grouped["sum"] + 0.1) / (y.sum() + 0.1),
            (grouped["count"] - grouped["sum"] + 0.1) / (len(y) - y.sum() + 0.1),
        )

    def score(others: pd.DataFrame) -> Chances:
        odds = np.full(len(others), np.log(rate / (1 - rate)))
        asked = worded(others)
        for name, (of_won, of_lost) in tables.items():
            ratio = np.log(asked[name].map(of_won).fillna(1.0)) - np.log(asked[name].map(of_lost).fillna(1.0))
            odds += ratio.to_numpy()
        return np.asarray(1 / (1 + np.exp(-odds)))

    return score


def _kinds(deals: pd.DataFrame) -> tuple[list[str], list[str]]:
    numbers = [str(name) for name in deals if deals[name].dtype.kind in "ifb"]
    return numbers, [str(name) for name in deals if name not in numbers]


def _typed(deals: pd.DataFrame) -> pd.DataFrame:
    numbers, words = _kinds(deals)
    return deals.astype({**dict.fromkeys(numbers, float), **dict.fromkeys(words, str)})


def ridge(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """Logistic regression on bins and levels, held by a ridge."""
    numbers, words = _kinds(deals)
    bins = KBinsDiscretizer(int(np.clip(len(deals) // 20, 3, 10)), quantile_method="averaged_inverted_cdf")
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), bins), numbers),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=2), words),
    )
    model = make_pipeline(prepare, LogisticRegression(C=0.3, max_iter=500)).fit(_typed(deals), won)
    return lambda others: model.predict_proba(_typed(others))[:, 1]


def _levels(deals: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    levels = {name: deals[name].astype(str).value_counts().index[:250] for name in _kinds(deals)[1]}

    def levelled(others: pd.DataFrame) -> pd.DataFrame:
        found = _typed(others)
        for name, known in levels.items():
            found[name] = pd.Categorical(found[name], categories=known)
        found.columns = pd.Index([f"c{place}" for place in range(found.shape[1])])
        return found

    return levelled


def hist_gb(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """scikit-learn's boosted trees; fewer and smaller ones for few deals."""
    few = {"max_iter": 60, "learning_rate": 0.05, "min_samples_leaf": 10} if len(deals) <= 2_000 else {}
    levelled = _levels(deals)
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0, **few)
    model.fit(levelled(deals), won)
    return lambda others: model.predict_proba(levelled(others))[:, 1]


def light_gbm(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """LightGBM."""
    import lightgbm

    many, levelled = len(deals) > 2_000, _levels(deals)
    model = lightgbm.LGBMClassifier(
        n_estimators=300 if many else 80, learning_rate=0.05, min_child_samples=20 if len(deals) > 300 else 8,
        verbose=-1, random_state=0, n_jobs=1,
    )  # fmt: skip
    model.fit(levelled(deals), won)
    return lambda others: np.asarray(model.predict_proba(levelled(others)))[:, 1]


def cat_boost(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """CatBoost."""
    import catboost

    model = catboost.CatBoostClassifier(
        iterations=300, learning_rate=0.05, depth=6, verbose=0, random_seed=0, cat_features=_kinds(deals)[1],
        thread_count=1, allow_writing_files=False,
    )  # fmt: skip
    model.fit(_typed(deals), won.astype(int))
    return lambda others: model.predict_proba(_typed(others))[:, 1]


def ebm(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """InterpretML's explainable boosting machine."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["continuous" if name in _kinds(deals)[0] else "nominal" for name in deals]
    model = ExplainableBoostingClassifier(random_state=0, n_jobs=1, feature_types=kinds)
    model.fit(_typed(deals), won.astype(int))
    return lambda others: model.predict_proba(_typed(others))[:, 1]


def ours(deals: pd.DataFrame, won: pd.Series) -> Scorer:
    """The product's own."""
    model = WinModel().fit(deals, won)
    return lambda others: model.predict(others).to_numpy()


#: Name → learner, and the package that it needs.
LEARNERS: Final[dict[str, tuple[Learner, str]]] = {
    "constant": (constant, "numpy"),
    "one column": (one_column, "numpy"),
    "naive Bayes": (naive_bayes, "numpy"),
    "ridge": (ridge, "sklearn"),
    "HistGB": (hist_gb, "sklearn"),
    "LightGBM": (light_gbm, "lightgbm"),
    "CatBoost": (cat_boost, "catboost"),
    "EBM": (ebm, "interpret"),
    "ours": (ours, "sklearn"),
}


def missing(name: str) -> str | None:
    """The package that a learner lacks here, if any."""
    package = LEARNERS[name][1]
    return None if importlib.util.find_spec(package) else package


def log_loss(won: npt.ArrayLike, chances: npt.ArrayLike) -> Chances:
    """The log loss of each deal."""
    y, p = np.asarray(won, dtype=float), np.clip(np.asarray(chances, dtype=float), 1e-6, 1 - 1e-6)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log(1 - p)))


def auc(won: npt.ArrayLike, chances: npt.ArrayLike) -> float:
    """The chance that a won deal is ranked above a lost one."""
    y, ranks = np.asarray(won, dtype=bool), pd.Series(np.asarray(chances)).rank().to_numpy()
    return float((ranks[y].mean() - (y.sum() + 1) / 2) / (~y).sum())
