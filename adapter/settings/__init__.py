"""What the operator decides, read once into Settings: the environment, and the file of connections where there is one.

`environment` reads what concerns the process, and the one connection that the environment describes; `gateway` the
connections of a file whose shape is `document`. Secrets are here only, and their repr hides them; what clients prove
themselves by is kept as digests.
"""
