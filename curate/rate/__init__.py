"""What learned models say of a clip: scores that need weights."""
