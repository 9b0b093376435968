"""Plans, pure: which calls an operation needs, in which order; one file for each kind of conversation."""
