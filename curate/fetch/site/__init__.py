"""Hosted video pages, HLS and DASH playlists, by yt-dlp in a process for each."""
