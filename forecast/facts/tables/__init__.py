"""Telling the columns and rows of a table of votes apart, by its words and by its sums."""
