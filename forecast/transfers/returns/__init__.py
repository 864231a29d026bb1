"""Full counts as evidence about the table: ecological inference."""
