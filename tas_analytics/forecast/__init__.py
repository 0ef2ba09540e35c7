"""The forecast: how likely deals are to be won, by when, and how well such scores have done."""

from tas_analytics.forecast.win_model import WinModel

__all__ = ["WinModel"]
