"""Reads some columns of a Delta table's live files as bytes, and prints {"bytes", "seconds"}: the least that whoever needs those
columns must do. Nothing is decompressed or decoded. The median of seven times, after one that warms up.

Usage: least_read.py TABLE_FOLDER THREADS COLUMN[,COLUMN…]
"""

import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import duckdb

RUNS = 7
PIECE = 1 << 20


def live_files(table: Path) -> list[Path]:
    """The files that the log has added and not removed. A log with checkpoints alone is not for this."""
    live = {}
    for commit in sorted((table / "_delta_log").glob("*.json")):
        for line in commit.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                live[action["add"]["path"]] = True
            elif "remove" in action:
                live.pop(action["remove"]["path"], None)
    return [table / unquote(path) for path in live]


def pieces(files: list[Path], columns: list[str]) -> list[tuple[int, int, int]]:
    """File, start and length of everything that belongs to the columns, in pieces of a size that threads can share."""
    out = []
    for path in files:
        file = os.open(path, os.O_RDONLY)
        chunks = duckdb.execute(
            "select coalesce(dictionary_page_offset, data_page_offset), total_compressed_size from parquet_metadata(?) "
            "where list_contains(?, path_in_schema)", [str(path), columns]).fetchall()
        for start, length in chunks:
            out.extend((file, at, min(PIECE, start + length - at)) for at in range(start, start + length, PIECE))
    return out


def read(share: list[tuple[int, int, int]]) -> None:
    buffer = memoryview(bytearray(PIECE))
    for file, at, length in share:
        os.preadv(file, [buffer[:length]], at)


def main(table: Path, threads: int, columns: list[str]) -> None:
    todo = pieces(live_files(table), columns)
    shares = [todo[n::threads] for n in range(threads)]
    seconds = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(RUNS + 1):
            start = time.perf_counter()
            list(pool.map(read, shares))
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"bytes": sum(length for _, _, length in todo), "seconds": statistics.median(seconds[1:])}))


main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","))
