"""Priors learned from past runoffs, by role."""
