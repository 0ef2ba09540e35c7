"""What is to be done with a file: decided, remembered and exchanged, before any record is written."""
