"""What a run is; nothing here knows Prefect."""
