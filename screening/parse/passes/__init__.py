"""Passes over tokens: each joins, restores or settles one way in which texts write things."""
