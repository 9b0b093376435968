"""`python -m adapter` is the same program as `scim-adapter`."""

from adapter.cli import main

if __name__ == "__main__":
    main()
