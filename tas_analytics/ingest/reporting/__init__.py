"""What became of files, for people and for programs."""
