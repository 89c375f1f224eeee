"""``python -m turquesa_stats``: the same as the command ``turquesa``."""

from turquesa_stats.cli import main

if __name__ == "__main__":
    main()
