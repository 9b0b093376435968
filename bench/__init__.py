"""What the gateway costs, measured: one command for each question, `python -m bench --help` lists them.

The gateway runs as `serve` runs it, a process of its own, on a core of its own where there are two; what plays the client
and the upstream shares the other core. README.md says what is measured and what came of it.
"""
