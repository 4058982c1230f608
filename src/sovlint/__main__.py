"""`python -m sovlint`."""

from sovlint.cli.main import main

if __name__ == "__main__":
    main()
