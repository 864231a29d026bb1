"""Polls as evidence about the table."""
