"""What each verb of the command line does; the words and options are in :mod:`tas_analytics.cli`."""
