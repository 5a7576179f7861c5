"""Which clips a model learns from: a named policy over what was measured, with a reason for each drop."""
