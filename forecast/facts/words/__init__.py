"""The words of columns and rows in many languages, and the names, days and numbers among them."""
