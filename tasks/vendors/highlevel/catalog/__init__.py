"""Every operation of HighLevel by name, for what no automation does."""
