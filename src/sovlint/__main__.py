"""`python -m sovlint`."""

from sovlint.cli.main import command

if __name__ == "__main__":
    command()
