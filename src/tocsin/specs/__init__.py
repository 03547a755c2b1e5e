"""What people write: the shapes of the YAML files, strict, with words for every mistake."""
