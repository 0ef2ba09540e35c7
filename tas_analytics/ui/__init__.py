"""What pages are made of: the frame, the filters, tiles, cards, lists, and the states of a page."""
