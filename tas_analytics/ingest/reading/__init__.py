"""The bytes of one delimited text become a table of text, block by block and unaided."""
