"""Read by a worker's Python when it starts: its clock begins at WFH_NOW."""

import os

import time_machine

if "WFH_NOW" in os.environ:
    time_machine.travel(os.environ["WFH_NOW"], tick=True).start()
