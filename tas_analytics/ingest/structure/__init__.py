"""What the lines of a text mean: dialect, records, header and footer, and damage mended."""
