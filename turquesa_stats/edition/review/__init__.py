"""The review of a published edition: are its files whole, and does what they were made from give each of their numbers again."""
