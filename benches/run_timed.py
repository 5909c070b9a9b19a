"""Runs a program and prints one JSON line: {"seconds", "peak_rss_bytes", "exit"}.

What the program prints goes to standard error, so that standard output holds the result alone.
Usage: run_timed.py PROGRAM [ARGUMENT ...]
"""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024  # Linux counts in KiB
print(json.dumps({
    "seconds": seconds,
    "peak_rss_bytes": usage.ru_maxrss * unit,
    "exit": os.waitstatus_to_exitcode(status),
}))
