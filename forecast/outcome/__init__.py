"""Numbers worth publishing."""
