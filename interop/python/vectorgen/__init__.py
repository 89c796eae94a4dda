"""Makes the files of vectors."""
