"""Priors learned from past runoffs, by political family."""
