#!/usr/bin/env python3
"""Draws how CareLedger scales, on this machine and now.

  Tools/bench --curves DIR [--curve NAME]... [--documents N] [--seconds S] [--no-build]

Prints one JSON object a line, {"name", "value", "unit"}, and puts a PNG for each curve into DIR:
  latency     latency against throughput, open loop, up to 95 % of what the network can do
  validators  throughput, processor time and latency of 4, 7, 10, 16 and 31 validators
  growth      processor time for a transaction, memory, disk and proofs, with up to N (100000) documents on record
  bytes       bytes on disk and on the wire for a transaction of each kind (no PNG)
  recovery    how long a killed validator, and one that lost its disk, take to stand where the others are (no PNG)
Networks of as many processes as it takes are started on loopback and stopped again. Nothing else should run.
"""
import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

CURVES = ["latency", "validators", "growth", "bytes", "recovery"]
TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"curves: {text}", file=sys.stderr, flush=True)


def figure(name, value, unit):
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)
    return value


class Network:
    """Validators in processes of their own, so that one can be killed."""

    def __init__(self, programs, validators, directory):
        self.programs, self.count = programs, validators
        self.home = tempfile.mkdtemp(prefix="curves.", dir=directory)
        made = subprocess.run(
            [f"{programs}/careledger-validator", "devnet", "--validators", str(validators), "--home", self.home,
             "--prepare-only", "--output", "json"], check=True, capture_output=True, text=True).stdout
        fields = json.loads(made)
        self.urls = [fields[f"validator-{place}"] for place in range(validators)]
        self.processes = [None] * validators

    def __enter__(self):
        for place in range(self.count):
            self.start(place)
        self.wait(range(self.count), lambda status: status["ready"])
        # A transaction that becomes final shows that the network does its work.
        self.load("first", "--count", "1", "--connections", "1")
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            if process:
                process.wait(60)
        shutil.rmtree(self.home)

    def start(self, place):
        log = open(f"{self.home}/run-{place}.log", "ab")
        self.processes[place] = subprocess.Popen(
            [f"{self.programs}/careledger-validator", "run", "--home", self.validator(place)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()

    def kill(self, place):
        self.processes[place].kill()
        self.processes[place].wait()
        self.processes[place] = None

    def validator(self, place):
        return f"{self.home}/validator-{place}"

    def status(self, place):
        address = self.urls[place].removeprefix("https://")
        connection = http.client.HTTPSConnection(address, timeout=5, context=ssl._create_unverified_context())
        try:
            connection.request("GET", "/ready")
            ready = connection.getresponse()
            ready.read()
            connection.request("GET", "/status", headers={"accept": "application/json"})
            body = json.loads(connection.getresponse().read())
            return {"ready": ready.status == 200, "height": int(body["height"])}
        finally:
            connection.close()

    def wait(self, places, condition, seconds=600):
        end = time.monotonic() + seconds
        for place in places:
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError):
                    if condition(self.status(place)):
                        break
                if time.monotonic() > end:
                    raise SystemExit(f"curves: validator {place} is not where it should be; see {self.home}")
                time.sleep(0.02)

    def processor(self):
        """Seconds of processor time that all validators have used."""
        total = 0
        for process in filter(None, self.processes):
            with open(f"/proc/{process.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory(self):
        """MiB of the largest validator."""
        sizes = []
        for process in filter(None, self.processes):
            with open(f"/proc/{process.pid}/status") as file:
                sizes += [int(line.split()[1]) for line in file if line.startswith("VmRSS")]
        return max(sizes) / 1024

    def disk(self):
        """Bytes of the first validator's databases and journal."""
        return sum(
            os.path.getsize(os.path.join(directory, name))
            for directory, _, names in os.walk(self.validator(0)) for name in names
            if not name.startswith("LOG") and os.path.exists(os.path.join(directory, name)))

    def run(self, *arguments):
        """Runs the load generator; gives its figures by name."""
        done = subprocess.run(
            [f"{self.programs}/loadgen", *arguments, "--output", "json"], stdout=subprocess.PIPE, text=True,
            timeout=1800)
        if done.returncode:
            raise SystemExit(f"curves: loadgen {' '.join(arguments)} ended with {done.returncode}")
        return {one["name"]: one["value"] for one in map(json.loads, done.stdout.splitlines())}

    def load(self, kind, *arguments):
        kinds = [] if kind == "first" else ["--kind", kind]
        running = [f"--node={url}" for url, process in zip(self.urls, self.processes) if process]
        return self.run("run", "--home", self.home, *kinds, *running, *arguments)

    def saturate(self, kind, seconds, connections=256, per_second=6000):
        """Loads as fast as answers come; adds what a transaction costs all validators, in microseconds."""
        before = self.processor()
        figures = self.load(
            kind, "--seconds", str(seconds), "--count", str(int(seconds * per_second)), "--connections",
            str(connections))
        figures["cost"] = (self.processor() - before) / figures["transactions"] * 1e6
        return figures


def loopback():
    """Bytes that the loopback interface has carried."""
    with open("/proc/net/dev") as file:
        for line in file:
            if line.strip().startswith("lo:"):
                return int(line.split(":")[1].split()[8])
    return 0


def latency(bench):
    points = []
    with Network(bench.programs, 4, bench.work) as network:
        most = network.saturate("authorizations", bench.seconds)["throughput"]
        figure("latency-saturation", most, "tx/s")
        for share in (0.01, 0.1, 0.25, 0.4, 0.6, 0.75, 0.85, 0.95):
            say(f"latency at {share:.0%} of {most:.0f} a second")
            rate = max(10, most * share)
            point = network.load(
                "authorizations", "--rate", f"{rate:.0f}", "--seconds", str(bench.seconds), "--connections", "256")
            points.append((point["throughput"], point["latency-p50"], point["latency-p99"]))
            for name in ("throughput", "latency-p50", "latency-p99"):
                figure(f"latency-{share * 100:.0f}-{name}", point[name], "tx/s" if name == "throughput" else "ms")
    bench.draw("latency", "finalized transactions/s", "latency, ms", [
        ("p50", [p[0] for p in points], [p[1] for p in points]),
        ("p99", [p[0] for p in points], [p[2] for p in points]),
    ], log_y=True)


def validators(bench):
    sizes, throughput, cost, calm = [4, 7, 10, 16, 31], [], [], []
    for size in sizes:
        say(f"{size} validators")
        with Network(bench.programs, size, bench.work) as network:
            point = network.load(
                "authorizations", "--rate", "10", "--seconds", str(bench.seconds), "--connections", "32")
            calm.append(figure(f"validators-{size}-calm-p50", point["latency-p50"], "ms"))
            figure(f"validators-{size}-calm-p99", point["latency-p99"], "ms")
            point = network.saturate("authorizations", bench.seconds)
            throughput.append(figure(f"validators-{size}-throughput", point["throughput"], "tx/s"))
            cost.append(figure(f"validators-{size}-cost", point["cost"], "us/tx"))
            figure(f"validators-{size}-memory", network.memory(), "MiB")
    figure("validators-31-to-4-calm-p50", calm[-1] / calm[0], "1")
    bench.draw("validators", "validators on one machine", "finalized transactions/s", [
        ("throughput", sizes, throughput),
    ])
    bench.draw("validators-latency", "validators on one machine", "p50 at 10 transactions/s, ms", [("p50", sizes, calm)])


def growth(bench):
    steps = [size for size in (0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000) if size <= bench.documents]
    costs, memories = [], []
    with Network(bench.programs, 4, bench.work) as network:
        committed = 0
        for size in steps:
            while committed < size:
                # A load's transactions are prepared in memory: 256 of them at a time, 64 Ki documents.
                count = min(256, -(-(size - committed) // 256))
                began = time.monotonic()
                point = network.load(
                    "documents", "--operations-per-transaction", "256", "--count", str(count), "--connections", "16")
                committed += 256 * int(point["transactions"])
                say(f"{committed} documents, {point['operations']:.0f} a second ({time.monotonic() - began:.0f} s)")
            point = network.saturate("authorizations", bench.seconds)
            costs.append(figure(f"growth-{size}-cost", point["cost"], "us/tx"))
            figure(f"growth-{size}-throughput", point["throughput"], "tx/s")
            point = network.saturate("documents", bench.seconds, per_second=3000)
            figure(f"growth-{size}-document-cost", point["cost"], "us/tx")
            memories.append(figure(f"growth-{size}-memory", network.memory(), "MiB"))
            figure(f"growth-{size}-disk", network.disk() / 2**20, "MiB")
            point = network.run("proofs", "--home", network.home, "--rate", "1000", "--seconds", "10")
            figure(f"growth-{size}-proof-p50", point["proof-p50"], "ms")
            figure(f"growth-{size}-proof-p99", point["proof-p99"], "ms")
    if len(steps) > 2:
        figure("growth-cost-ratio", costs[-1] / costs[1], "1")
    bench.draw("growth", "documents on record", "processor time of all validators, us/tx", [("cost", steps, costs)], log_x=True)
    bench.draw("growth-memory", "documents on record", "memory of a validator, MiB", [("memory", steps, memories)], log_x=True)


def bytes_(bench):
    for kind in ("authorizations", "staff", "documents", "accesses"):
        with Network(bench.programs, 4, bench.work) as network:
            # What is written and not merged yet counts, so the load is long enough to hide what a database keeps ahead.
            disk, wire = network.disk(), loopback()
            point = network.saturate(kind, bench.seconds, per_second=4000)
            figure(f"bytes-{kind}-wire", (loopback() - wire) / point["transactions"], "B/tx, all validators and clients")
            figure(f"bytes-{kind}-disk", (network.disk() - disk) / point["transactions"], "B/tx, one validator")


def recovery(bench):
    with Network(bench.programs, 4, bench.work) as network:
        network.saturate("authorizations", bench.seconds)
        network.kill(3)
        network.saturate("authorizations", bench.seconds)
        height = network.status(0)["height"]
        say(f"a validator that was killed comes back; the others are at height {height}")
        began = time.monotonic()
        network.start(3)
        network.wait([3], lambda status: status["ready"] and status["height"] >= height)
        figure("recovery-after-kill", time.monotonic() - began, "s")
        say("a validator loses its databases")
        network.kill(3)
        for name in ("chain", "state"):
            shutil.rmtree(f"{network.validator(3)}/{name}")
        height = network.status(0)["height"]
        began = time.monotonic()
        network.start(3)
        network.wait([3], lambda status: status["height"] >= height)
        figure("recovery-after-lost-databases", time.monotonic() - began, "s")
        figure("recovery-height", height, "blocks")


class Bench:
    def __init__(self, options):
        self.programs, self.directory = options.programs, options.directory
        self.seconds, self.documents = options.seconds, options.documents
        self.work = tempfile.mkdtemp(prefix="careledger-curves.")
        os.makedirs(self.directory, exist_ok=True)

    def draw(self, name, x, y, lines, log_x=False, log_y=False):
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot

        fig, axes = pyplot.subplots(figsize=(7, 4.5))
        for label, xs, ys in lines:
            axes.plot(xs, ys, marker="o", label=label)
        if log_x:
            axes.set_xscale("symlog", linthresh=1000)
        if log_y:
            axes.set_yscale("log")
        axes.set_ylim(bottom=None if log_y else 0)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(True, alpha=0.3)
        if len(lines) > 1:
            axes.legend()
        fig.tight_layout()
        path = f"{self.directory}/{name}.png"
        fig.savefig(path, dpi=150)
        pyplot.close(fig)
        say(f"drawn: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--curve", action="append", choices=CURVES)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    bench = Bench(options)
    try:
        for curve in options.curve or CURVES:
            {"bytes": bytes_}.get(curve, globals().get(curve))(bench)
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    # A signal ends the networks as an error does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
