"""The edge towards the disk: keeps what outlives the process, and nothing that the upstream can hold."""
