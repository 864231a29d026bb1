"""Priors that are written down."""
