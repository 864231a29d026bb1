"""Figures, pages and files for readers."""
