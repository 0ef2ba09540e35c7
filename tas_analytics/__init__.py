"""TAS Analytics: target account selling on top of CRM exports."""

__version__ = "0.1.0"
