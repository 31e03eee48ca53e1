"""Answers that users want from a batch: who is nearest, what is missing, what each criterion costs."""
