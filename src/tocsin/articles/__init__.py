"""One normalised text: how it is made, told from others, read and written."""
