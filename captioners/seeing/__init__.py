"""What a model that sees is shown of a clip, what it is told and asked, and how its answer becomes a record."""
