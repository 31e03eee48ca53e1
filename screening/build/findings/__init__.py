"""Findings: the words between islands as presences of concepts, with history, windows and courses."""
