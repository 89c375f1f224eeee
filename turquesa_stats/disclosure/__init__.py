"""What may be published: suppression of small counts, and the only maker of publishable tables."""
