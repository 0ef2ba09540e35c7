"""Files of every kind opened: archives, workbooks and pages of markup become tables of text."""
