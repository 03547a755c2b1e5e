"""Where news comes from: fetching, feeds, pages, and when to look again."""
