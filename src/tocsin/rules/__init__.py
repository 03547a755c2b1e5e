"""Watch rules: read as data, compiled once, asked of every article."""
