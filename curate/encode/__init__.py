"""Clips to latents: encoders behind one seam, the contract of every tensor, and the shards that hold them."""
