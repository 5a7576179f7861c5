"""Which clip is read at which step: the order of training as a table that can be stored, hashed and asked."""
