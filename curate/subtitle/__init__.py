"""Subtitles as rows: text streams of containers and the files that sites gave beside them."""
