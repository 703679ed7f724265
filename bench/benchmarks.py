"""Runs a program of Google Benchmark and reads what it measured."""
import json
import os
import pathlib
import statistics
import subprocess
import tempfile


class Result:
    """All repetitions of one benchmark."""

    def __init__(self, runs):
        self.rates = [run["items_per_second"] for run in runs if "items_per_second" in run]
        scale = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}
        self.milliseconds = [run["real_time"] * scale[run["time_unit"]] for run in runs]
        self._runs = runs
        self.per_cpu_runs = self.counter("per_cpu_second")
        if not self.per_cpu_runs and "process_cpu" not in runs[0] and "/real_time" not in runs[0]["name"]:
            # One thread, timed by its CPU: the rate is already one of CPU-seconds.
            self.per_cpu_runs = self.rates
        self.per_cpu_second = statistics.median(self.per_cpu_runs) if self.per_cpu_runs else None
        sizes = self.counter("bytes_per_item")
        self.bytes_per_item = sizes[0] if sizes else None

    def counter(self, name):
        return [run[name] for run in self._runs if name in run]


def run_benchmarks(program, module, names, repetitions=None):
    """Results by the name of their function. The disk is that of the build folder."""
    binary = program.parent / "src" / module / f"mr_{module}_bench"
    if not binary.exists():
        raise SystemExit(f"{binary} is not there: ./dev bench builds it")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=program.parent) as folder:
        answer = pathlib.Path(folder) / "answer.json"
        command = [str(binary.resolve()), f"--benchmark_filter={names}", f"--benchmark_out={answer}",
                   "--benchmark_out_format=json", "--benchmark_enable_random_interleaving=true"]
        if repetitions:
            command.append(f"--benchmark_repetitions={repetitions}")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "MILLRACE_BENCH_DIR": folder}, cwd=folder)
        runs = {}
        for run in json.loads(answer.read_text(encoding="utf-8"))["benchmarks"]:
            if run["run_type"] == "iteration":
                if run.get("error_occurred"):
                    raise SystemExit(f"{run['name']}: {run['error_message']}")
                runs.setdefault(run["name"].split("/")[0], []).append(run)
    return {name: Result(list_of) for name, list_of in runs.items()}
