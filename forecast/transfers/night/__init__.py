"""Partial counts as evidence about the table."""
