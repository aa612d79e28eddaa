"""Lets `python -m sagin` do what `sagin` does."""

from sagin.cli import main

if __name__ == "__main__":
    main()
