"""From a URI to a media: adding sources, fetching their bytes, storing them in tar shards."""
