"""One module per chart form: a pure function from a DataFrame to a figure, and the theme they share."""
