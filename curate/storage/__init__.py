"""The lake: Delta tables and shards, on a folder or on S3."""
