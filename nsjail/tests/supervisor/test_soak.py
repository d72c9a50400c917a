"""Twenty thousand jobs in one slot: it is at the end what it was at the beginning."""

import os
import time
import unittest
from pathlib import Path

from .family import members, supervisor_of, until
from .slots import DRIVERS
from .test_slot_life import held, own_cgroups

JOBS = int(os.environ.get("JOBCELL_TEST_SOAK_JOBS", 20_000))
THOUSAND = JOBS // 20
SAMPLE_EVERY = JOBS // 100
WARM_UP = JOBS // 5
SLOWER_AT_MOST = 1.3
GROWTH_AT_MOST = 0.01  # of the memory, in 10,000 jobs


def reference_ms():
    """What this machine takes for a fork and a little work just now: its speed drifts by more than what is looked for."""
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        sum(range(40_000))
        os._exit(0)
    os.waitpid(pid, 0)
    return (time.perf_counter() - began) * 1000


def p95(values):
    return sorted(values)[int(len(values) * 0.95)]


def slope(samples):
    """Least squares: growth a job, of (job number, value)."""
    count = len(samples)
    mean_x, mean_y = sum(x for x, _ in samples) / count, sum(y for _, y in samples) / count
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / sum((x - mean_x) ** 2 for x, _ in samples)


def anonymous_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1])


class Soak(unittest.TestCase):
    driver = DRIVERS[0] if DRIVERS[0].refusal() is None else DRIVERS[1]

    def test_it_stays_as_fast_and_as_small_and_leaves_nothing(self):
        with self.driver.start() as slot:
            times, references, memory, at_rest = self.run_jobs(slot)
            self.assertTrue(until(lambda: held(slot) == at_rest), (held(slot), at_rest))
            folders = own_cgroups(supervisor_of(slot))
        self.assertEqual([folder for folder in folders if os.path.exists(folder)], [])
        self.check_speed(times, references)
        self.check_memory(memory)

    def run_jobs(self, slot):
        times, references, memory, at_rest = [], [], {}, None
        for number in range(JOBS):
            began = time.perf_counter()
            slot.send("def main(x):\n  return x", input=str(number))
            header, parts = slot.receive_outcome()
            times.append((time.perf_counter() - began) * 1000)
            self.assertEqual(parts["result"], str(number).encode())
            slot.receive_idle()
            references.append(reference_ms())
            if number == WARM_UP:
                at_rest = held(slot)
            if number >= WARM_UP and number % SAMPLE_EVERY == 0:
                for role in ("supervisor", "template"):
                    size = sum(map(anonymous_kib, members(slot)[role]))
                    memory.setdefault(role, []).append((number, size))
        return times, references, memory, at_rest

    def check_speed(self, times, references):
        first, last = p95(times[:THOUSAND]), p95(times[-THOUSAND:])
        drift = p95(references[-THOUSAND:]) / p95(references[:THOUSAND])
        print(f"{JOBS} jobs: p95 of the first {THOUSAND} {first:.2f} ms, of the last {last:.2f} ms; the machine's drift {drift:.2f}")
        self.assertLess(last / first, SLOWER_AT_MOST * max(1, drift))

    def check_memory(self, memory):
        for role, samples in memory.items():
            growth = slope(samples) * 10_000 / samples[0][1]
            print(f"{role}: {samples[0][1]} KiB at first, {samples[-1][1]} KiB at last, {growth:+.2%} in 10,000 jobs")
            self.assertLess(growth, GROWTH_AT_MOST, role)
