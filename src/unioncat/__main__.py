"""`python -m unioncat` is the same as `unioncat`."""

from unioncat.cli import main

if __name__ == "__main__":
    main()
