"""``python -m tas_analytics``."""

import gc

# Importing makes a million objects that live to the end: to look for garbage among them takes a tenth of a command.
gc.set_threshold(50_000, 20, 20)

from tas_analytics.cli import main  # noqa: E402

main()
