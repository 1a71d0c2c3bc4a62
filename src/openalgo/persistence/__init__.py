"""Where state outlives the process: four stores, their tables and repositories."""
