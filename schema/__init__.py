"""The face: what GraphQL shows, noun by noun. It translates; it never decides and never runs SQL."""
