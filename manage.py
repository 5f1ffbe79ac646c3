#!/usr/bin/env python3
"""
Runs the project's commands: `python3 manage.py help` lists them.

Django's own manage.py, with the project's environment made on the way in (`lcm/bootstrap.py`).
"""

import os
import sys
from typing import List

from lcm.bootstrap import enter_environment


def main() -> None:
    enter_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lcm.settings")
    if sys.argv[1:2] == ["test"]:
        run_tests(sys.argv[2:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def run_tests(arguments: List[str]) -> None:
    """Run pytest with these arguments; without any the whole suite, on all cores."""
    import pytest

    sys.exit(pytest.main(arguments or ["--numprocesses=auto", "--dist=loadgroup"]))


if __name__ == "__main__":
    main()
