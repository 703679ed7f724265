"""The figures, by name. Each function takes the program, and gives rows and notes."""
import statistics

import pipeline_figures
import sql_figures
from benchmarks import run_benchmarks
from figure import Figure


def against(results, what, bare, bare_what, **more):
    """Two benchmarks of the same items, as one row."""
    own = results[what]
    return Figure(what.replace("_", " "), own.rates, "/s", results[bare].rates, bare_what,
                  per_cpu_second=own.per_cpu_second, bytes_per_item=own.bytes_per_item, **more)


def decode(program):
    results = run_benchmarks(program, "format", "users_|bids_", repetitions=7)
    loop = "bare ordered simdjson On-Demand"
    return [against(results, "users_to_12_columns", "users_bare_on_demand", loop, target=0.6, target_of="ratio"),
            against(results, "bids_to_4_columns", "bids_bare_on_demand", loop, target=0.6, target_of="ratio"),
            against(results, "users_to_json", "users_bare_on_demand", loop)], []


def flow(program):
    results = run_benchmarks(program, "flow", "bids_|epochs_of|bare_sync")
    loop = "bare simdjson On-Demand, 4 fields"
    columns = against(results, "bids_filter_to_4_columns", "bids_filter_bare_on_demand", loop,
                      target=0.6, target_of="ratio")
    filtered = against(results, "bids_filter_topic_to_topic", "bids_filter_bare_on_demand", loop)
    through = against(results, "bids_topic_to_topic", "bids_filter_bare_on_demand", loop)
    cpu = results["bids_topic_to_topic"]
    per_cpu = Figure("bids topic to topic, per CPU-second (Nexmark q0)", cpu.per_cpu_runs, "/s", target=1.5e6)
    epochs = against(results, "epochs_of_one_record", "bare_sync_of_one_record", "write + fdatasync of each",
                     target=2000)
    return [columns, filtered, through, per_cpu, epochs], [
        "The filter keeps one bid of ten, 4 of 7 columns. To 4 columns: decoded and filtered in memory. Topic to topic: read, decoded, filtered, written as JSON "
        "and committed to another topic, while the log's own thread writes. The bare loop reads 4 fields of the "
        "same records and keeps nothing. CPU-seconds are those of all threads."]


def log(program):
    results = run_benchmarks(program, "log", "appends|group_commit|recovery", repetitions=7)
    appends = against(results, "asynchronous_appends", "bare_group_commit", "bare group commit", target=200e3)
    share = Figure("asynchronous appends, share of the bare loop", appends.values, "/s", appends.beside,
                   appends.beside_what, target=0.6, target_of="ratio")
    blocking = Figure("blocking append, one by one", results["blocking_appends"].rates, "/s")
    recovery = Figure("recovery of a full WAL (250 MiB)", results["recovery_of_a_full_wal"].milliseconds, "ms",
                      target=1000)
    return [appends, share, blocking, recovery], [
        "Appends of 1 KiB with fsync, 64 outstanding, 8 partitions; the bare loop writes and syncs 64 KiB at a time.",
        "Recovery begins with the WAL dropped from the page cache."]


def broker(program):
    results = run_benchmarks(program, "broker", "bare_|_loopback|one_by_one", repetitions=5)
    produce = against(results, "produce_loopback", "bare_produce", "write + fdatasync of 64 at once")
    single = Figure("produce, one request after another", results["produce_one_by_one"].milliseconds, "ms")
    fetch = Figure("fetch of 1 MiB", results["fetch_loopback"].milliseconds, "ms", results["bare_send"].milliseconds,
                   "send() of 1 MiB")
    return [produce, single, fetch], [
        "One connection over loopback, acks=all with fsync, batches of 1 KiB; produce loopback sends 64 requests at once and "
        "waits for their answers."]


def tables(program):
    results = run_benchmarks(program, "flow", "append|keyed|commits_of")
    rows = [against(results, "append", "append_bare", "bare SQLite", target=350e3),
            against(results, "append_users", "append_users_bare", "bare SQLite"),
            against(results, "keyed_users", "keyed_users_bare", "bare SQLite", target=0.8, target_of="ratio"),
            against(results, "commits_of_one_row", "bare_commits_of_one_row", "bare SQLite")]
    late = Figure("commits of one row, p99", results["commits_of_one_row"].counter("p99_ms"), "ms",
                  results["bare_commits_of_one_row"].counter("p99_ms"), "bare SQLite", target=5)
    per = statistics.median(results["keyed_users"].counter("rows_per_transaction"))
    return [*rows, late], [
        "append: 4 BIGINT columns; users: 12 STRING columns, keyed by a random UUID. From the JSON of a topic to "
        "committed rows; the bare loop runs the same statement in transactions of as many bytes "
        f"({per:.0f} users) with values that are parsed already."]


FIGURES = {"first-row": pipeline_figures.first_row, "idle": pipeline_figures.idle, "decode": decode, "flow": flow,
           "log": log, "broker": broker, "tables": tables, "duckdb": sql_figures.duckdb}
