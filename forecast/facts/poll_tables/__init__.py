"""Reading tables of polls as they are printed."""
