"""What a table of text holds: which header is which column, and which tables hide in it."""
