"""What draws the look of the documents and shows it: the styles of Word, and the gallery of pictures."""
