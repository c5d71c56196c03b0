"""`python -m tests.support.ahead SECONDS COMMAND …`: `flask --app app COMMAND …` with a clock that is ahead."""
import sys
from datetime import timedelta

import time_machine
from flask.cli import main

import clock

if __name__ == "__main__":
    time_machine.travel(clock.now() + timedelta(seconds=int(sys.argv.pop(1)))).start()
    sys.argv[1:1] = ["--app", "app"]
    main()
