"""The entry points: one module for each automation, and the command line."""
