"""The loop over stages, the command line, and the only place that knows Ray."""
