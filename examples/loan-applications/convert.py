"""From the published process log (XES, an XML format) to two CSV files that Florin reads.

    python3 convert.py bpic2012.xes.gz [FOLDER]

FOLDER (`files` beside this script, when absent) gets `applications.csv`, a row an application, and `events.csv`, a row an
event, with the order that the log has in `position`. Nothing is left out and nothing is changed; only Python's own library is
needed.
"""

import csv
import gzip
import sys
from pathlib import Path
from xml.etree import ElementTree

XES = "{http://www.xes-standard.org/}"


def attributes(element):
    """The attributes of a trace or an event, by key."""
    return {child.get("key"): child.get("value") for child in element if child.get("key")}


def main(log, folder):
    folder.mkdir(parents=True, exist_ok=True)
    applications = open(folder / "applications.csv", "w", newline="", encoding="utf-8")
    events = open(folder / "events.csv", "w", newline="", encoding="utf-8")
    with applications, events, gzip.open(log) as xes:
        application_rows, event_rows = csv.writer(applications), csv.writer(events)
        application_rows.writerow(["application", "registered", "amount_requested"])
        event_rows.writerow(["application", "position", "ts", "name", "lifecycle", "resource", "amount_requested"])
        counts = [0, 0]
        for _, trace in ElementTree.iterparse(xes):
            if trace.tag != f"{XES}trace":
                continue
            case = attributes(trace)
            application, amount = case["concept:name"], case["AMOUNT_REQ"]
            application_rows.writerow([application, case["REG_DATE"], amount])
            for position, event in enumerate(trace.iter(f"{XES}event"), start=1):
                of = attributes(event)
                moment, resource = of["time:timestamp"], of.get("org:resource", "")
                row = [application, position, moment, of["concept:name"], of["lifecycle:transition"], resource, amount]
                event_rows.writerow(row)
                counts[1] += 1
            counts[0] += 1
            trace.clear()
    print(f"{counts[0]} applications, {counts[1]} events in {folder}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent / "files")
