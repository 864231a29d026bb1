"""What was counted or published."""
