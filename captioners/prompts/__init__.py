"""Prompts: one file a version, Jinja templates. Words that change what is asked make a new version; old ones stay."""
