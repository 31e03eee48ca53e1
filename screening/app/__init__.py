"""The command line and what it needs to know of files and terminals; no screening logic."""
