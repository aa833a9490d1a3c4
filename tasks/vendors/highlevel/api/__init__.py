"""HighLevel's operations, typed."""
