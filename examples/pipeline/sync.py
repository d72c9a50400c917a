"""A small sync: cleans a few thousand contacts with a customer's script, batch by batch, in Jobcell.

    python3 examples/pipeline/sync.py [--url http://localhost:8080] [--records 3000] [--batch 50] [--run NAME]

Each batch is one job. All are submitted first, then followed to their end and counted. A batch has an
Idempotency-Key, so a sync that is started again under the same --run makes no job twice. JOBCELL_KEY, where it is set,
is the API key. It needs nothing but Python."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import time
import urllib.error
import urllib.request

SCRIPT = pathlib.Path(__file__).with_name("clean.py").read_text()
AT_ONCE = 8
WAIT_MS = 20_000
TRIES = 5


class Jobcell:
    def __init__(self, url):
        self._url = url
        self._headers = {"Content-Type": "application/json"}
        if os.environ.get("JOBCELL_KEY"):
            self._headers["Authorization"] = f"Bearer {os.environ['JOBCELL_KEY']}"

    def submit(self, records, key):
        """The job that this batch is. The same key and batch always give the same job."""
        body = {"script": SCRIPT, "input": records, "metadata": {"batch": key}}
        return self._call("POST", "/jobs", body, {"Idempotency-Key": key})

    def follow(self, job):
        """The job once it has ended."""
        while job["status"] in ("queued", "running"):
            job = self._call("GET", f"/jobs/{job['id']}?wait_ms={WAIT_MS}")
        return job

    def _call(self, method, path, body=None, headers=None):
        """Tries again where the answer says that this may help: 429 and 503, after as long as they say."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {**self._headers, **(headers or {})}, method=method)
        for attempt in range(1, TRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                if error.code not in (429, 503) or attempt == TRIES:
                    raise SystemExit(f"{method} {path}: {error.code} {problem['code']}: {problem['detail']}") from None
                time.sleep(float(error.headers.get("Retry-After", attempt)))
            except urllib.error.URLError as error:
                if attempt == TRIES:
                    raise SystemExit(f"{self._url} does not answer: {error.reason}") from None
                time.sleep(attempt)


def contacts(count):
    """Contacts as a CRM might have them, every tenth without a usable address. Always the same."""
    draw = random.Random(1)
    for number in range(count):
        name = draw.choice(["ada  lovelace", "GRACE hopper", "alan turing", "edsger  DIJKSTRA"])
        email = f" Person{number}@Example.com " if number % 10 else "unknown"
        yield {"id": number, "name": name, "email": email}


def batches(records, size):
    records = list(records)
    return [records[start : start + size] for start in range(0, len(records), size)]


def main():
    parser = argparse.ArgumentParser(description="Cleans contacts in Jobcell, batch by batch.")
    parser.add_argument("--url", default="http://localhost:8080")
    parser.add_argument("--records", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--run", default=time.strftime("%Y-%m-%dT%H:%M:%S"), help="name of this sync; the same name makes no job twice")
    options = parser.parse_args()
    jobcell = Jobcell(options.url)

    work = list(enumerate(batches(contacts(options.records), options.batch)))
    counts, kept, dropped = collections.Counter(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = list(pool.map(lambda batch: jobcell.submit(batch[1], f"{options.run}/{batch[0]}"), work))
        print(f"submitted {options.records} records in {len(jobs)} jobs", flush=True)
        for job in pool.map(jobcell.follow, jobs):
            counts[job["status"]] += 1
            if job["status"] == "succeeded":
                kept += len(job["result"]["kept"])
                dropped += job["result"]["dropped"]
            else:
                print(f"{job['metadata']['batch']}: {job['status']}: {(job['error'] or {}).get('message')}", flush=True)
    print(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    print(f"kept {kept}, dropped {dropped}")


if __name__ == "__main__":
    main()
