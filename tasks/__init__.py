"""The engine: extract, transform, check, plan, load; the systems at both ends; the Prefect edge."""
