"""``python -m tas_analytics``."""

from tas_analytics.cli import main

main()
