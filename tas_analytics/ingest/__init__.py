"""From the bytes of an export to versions in the store, with every decision on record."""
