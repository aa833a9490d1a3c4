"""Where Prefect and the engine meet."""
