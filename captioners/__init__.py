"""Engines that see, listen, read, retell and test."""
