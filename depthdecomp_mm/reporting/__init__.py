"""What remains of a test: its results in a file, and a page to look at them."""
