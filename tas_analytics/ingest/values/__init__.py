"""Cells as people and programs write them: amounts, dates, durations, periods and words for nothing."""
