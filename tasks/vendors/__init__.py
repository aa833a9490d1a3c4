"""The systems at the other end: HTTP, and one folder for each vendor."""
