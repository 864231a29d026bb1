"""What we believe about the transfer table."""
