"""Tests of curate.subtitle."""
