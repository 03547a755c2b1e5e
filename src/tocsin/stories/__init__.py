"""Stories: the articles, in any language, about the same happening."""
