"""From transfers to votes."""
