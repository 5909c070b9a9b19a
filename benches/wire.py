"""Rows over PostgreSQL's wire to psycopg 3 (binary): Florin beside a PostgreSQL of our own with the same rows.

Usage: wire.py ADDRESS POSTGRES USER PASSWORD ROWS RUNS FOLDER: where Florin is, where it speaks the wire, who asks. Prints {"rows", "peer", "ours": seconds, "theirs": seconds}.
The PostgreSQL is the newest below /usr/lib/postgresql (FLORIN_POSTGRES_BIN names another folder), in FOLDER, on a free port.
"""

import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import psycopg

COLUMNS = "transaction_id, customer_id, account_id, ts, amount, direction, currency, kind, channel, status"
TABLE = """create table rows (transaction_id int8, customer_id int8, account_id int8, ts timestamptz, amount numeric(18, 4),
           direction text, currency text, kind text, channel text, status text)"""


class Postgres:
    """A throw-away server."""

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
        self.bin = os.environ.get("FLORIN_POSTGRES_BIN") or (found[-1] if found else sys.exit("there is no PostgreSQL to compare with"))
        self.data = os.path.join(folder, "postgres")
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.getuid() == 0:
            shutil.chown(self.data, "postgres")
        self.run("initdb", "-U", "florin", "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories='' -c shared_buffers=512MB"
        self.run("pg_ctl", "-w", "-l", os.path.join(self.data, "log"), "-o", options, "start")

    def run(self, program, *words):
        # PostgreSQL refuses to run as root.
        before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*before, os.path.join(self.bin, program), "-D", self.data, *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def end(self):
        self.run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.data, ignore_errors=True)


def made_key(address, user, password):
    """A key of scope `sql`, as the console makes one: its id, and the whole of it."""
    def ask(path, body, cookie=""):
        headers = {"x-florin": "1", "content-type": "application/json", "cookie": cookie}
        return urllib.request.urlopen(urllib.request.Request(address + path, json.dumps(body).encode(), headers))

    cookie = ask("/v1/sign-in", {"user": user, "password": password}).headers["set-cookie"].split(";")[0]
    made = json.load(ask("/v1/me/keys", {"name": "wire", "scopes": ["sql"], "roles": ["analyst", "compliance_officer"], "days": 1}, cookie))
    return made["key"]["id"], made["secret"]


def timed(connection, question):
    began = time.perf_counter()
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(question).fetchall()
    return time.perf_counter() - began, len(rows)


def main():
    address, place, user, password, rows, runs, folder = sys.argv[1:8]
    name, key = made_key(address, user, password)
    host, port = place.rsplit(":", 1)
    question = f"select {COLUMNS} from transaction limit {rows}"
    ours = psycopg.connect(f"host={host} port={port} user={name} password={key} dbname=compliance", autocommit=True)
    postgres = Postgres(folder)
    try:
        theirs = psycopg.connect(f"host=127.0.0.1 port={postgres.port} user=florin dbname=postgres", autocommit=True)
        theirs.execute(TABLE)
        names = COLUMNS.replace(" ", "").split(",")
        with ours.cursor(binary=True) as cursor, theirs.cursor() as target, target.copy(f"copy rows ({COLUMNS}) from stdin") as copy:
            for row in cursor.execute(question):
                copy.write_row(row)
        assert len(names) == 10
        theirs.execute("vacuum analyze rows")
        version = theirs.execute("show server_version").fetchone()[0].split()[0]
        times = {"ours": [], "theirs": []}
        # A B A B; the first turn of each warms up.
        for turn in range(int(runs) + 1):
            for side, connection, asked in (("ours", ours, question), ("theirs", theirs, f"select {COLUMNS} from rows")):
                seconds, count = timed(connection, asked)
                if turn > 0:
                    times[side].append(seconds)
                told = count
        print(json.dumps({"rows": told, "peer": f"PostgreSQL {version}", **times}))
    finally:
        postgres.end()


main()
