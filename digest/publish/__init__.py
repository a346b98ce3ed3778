"""Issues in, the files of a static site out."""
