"""Entry point of `python -m sagin`."""

from sagin.cli import main

if __name__ == "__main__":
    main()
