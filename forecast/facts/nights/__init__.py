"""What an unfinished count says of itself: units, polling stations and their progress."""
