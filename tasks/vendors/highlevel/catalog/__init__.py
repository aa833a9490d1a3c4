"""HighLevel's operations and events by name."""
