"""From polls to draws of whole first rounds, before anybody has voted."""
