"""Reading HighLevel's records in batches."""
