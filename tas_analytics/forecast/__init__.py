"""The forecast: how likely deals are to be won, by when, and how well such scores have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tas_analytics.forecast.win_model import WinModel

__all__ = ["WinModel"]


def __getattr__(name: str) -> Any:
    """The learner that is usable alone, imported when it is asked for: the score by date does without it."""
    if name != "WinModel":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tas_analytics.forecast.win_model import WinModel

    return WinModel
