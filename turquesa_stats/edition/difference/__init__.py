"""What changed for the reader between two published editions, and why; nothing that only their difference would tell of persons."""
