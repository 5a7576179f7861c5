"""Measure a media in one decode: the strip that every later decision is made from."""
