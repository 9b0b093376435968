"""A first mapping from an OpenAPI document or from a sample of what the upstream shows.

`spec` reads the document, `sample` makes one of a sample, `finder` finds the calls that are about users, `rules` finds
attributes among the fields, and `text` writes the file. What none of them can know is `unsupported`, with a TODO: a
draft never guesses what a call does.
"""
