"""Text of any origin: reading, writing, columns; knows no election."""
