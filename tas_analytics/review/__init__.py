"""The weekly review: what changed, what is at risk, what was called and decided."""
