"""Files that leave the program for people to read elsewhere."""
