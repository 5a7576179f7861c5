"""Opening media: containers, frames, sound, and the child process they are opened in."""
