"""Writing to HighLevel what a plan holds, and finding out what became of it."""
