"""What every Python runner shares: reading the scenario, showing values, naming errors.

A runner is a class with one method `op_<name>(self, step)` for each operation it can do; a step without a method
is `unsupported`. What a method returns is shown as JSON; what it raises is shown as {"error": NAME}.
"""
import json
import pathlib
import signal
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent

# Values that no two runs share, wherever they appear.
IDS = {"topic_id", "member_id", "cluster_id", "host", "port", "controller_epoch", "client_host", "correlation_id"}
TEXTS = {"error_message", "throttle_time_ms"}


# A step that takes longer has failed; the next ones go on.
STEP_SECONDS = 90


def out_of_time(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, out_of_time)


class Unsupported(Exception):
    """The client has no call for it."""


def error_names():
    names = {}
    for line in (HERE / "errors.tsv").read_text(encoding="utf-8").splitlines():
        code, name = line.split("\t")
        names[int(code)] = name
    return names


ERRORS = error_names()


def octets(value):
    """A key, value or header of the scenario as bytes."""
    if value is None:
        return None
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]) if "hex" in value else value["fill"].encode() * value["size"]
    return value.encode()


def text(value):
    octet = octets(value)
    return None if octet is None else octet.decode()


def shown(value):
    """Bytes or text as they stand in a transcript: short, printable, exact."""
    if value is None:
        return None
    if isinstance(value, str):
        value = value.encode()
    value = bytes(value)
    if any(octet < 0x20 or octet > 0x7e for octet in value):
        return "hex:" + value.hex()
    if len(value) > 80:
        return f"#{len(value)}:{value[:3].decode()}..{value[-3:].decode()}"
    return value.decode()


def shown_time(milliseconds):
    """Times that the scenario gave are shown, times of the clock are `now`."""
    if milliseconds is None:
        return None
    return "now" if abs(milliseconds - time.time() * 1000) < 3600_000 else milliseconds


def plain(value):
    """Any answer of a client as JSON, without what no two runs share."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, (bytes, bytearray)):
        return shown(value)
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, BaseException):
        return {"error": type(value).__name__}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, dict):
        result = {}
        for key, item in value.items():
            if key in TEXTS:
                continue
            if key == "error_code" and isinstance(item, int):
                item = ERRORS.get(item, item)
            if key in IDS and item is not None:
                item = "<" + key + ">"
            result[str(key) if not isinstance(key, tuple) else "-".join(map(str, key))] = plain(item)
        return result
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


class Runner:
    """Owned by one thread."""

    # After an operation that changes the cluster, brokers hear of it a moment later.
    CHANGES = {"create", "delete", "grow", "alter", "replace", "trim", "reassign", "close", "delete_groups"}
    COORDINATOR = ("COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR")

    def __init__(self, address):
        self.address = address

    def error_name(self, error):
        raise NotImplementedError

    def run_step(self, step):
        method = getattr(self, "op_" + step["op"], None)
        if method is None:
            return "unsupported"
        deadline = time.monotonic() + 20
        while True:
            try:
                return plain(method(step))
            except Unsupported:
                return "unsupported"
            except Exception as error:  # pylint: disable=broad-except
                name = self.error_name(error)
                if name in self.COORDINATOR and step["op"] in ("commit", "committed", "groups", "describe_groups") \
                        and time.monotonic() < deadline:
                    time.sleep(0.3)
                    continue
                traceback.print_exc()
                return {"error": name}

    def run(self, scenario, only=()):
        for section, _, steps in scenario:
            if only and section not in only and section != "warm":
                continue
            for step in steps:
                print(f"--- {step['id']}", file=sys.stderr, flush=True)
                began = time.monotonic()
                signal.alarm(STEP_SECONDS)
                result = self.run_step(step)
                signal.alarm(0)
                print(step["id"] + "\t" + json.dumps(result, sort_keys=True), flush=True)
                print(f"    {time.monotonic() - began:.2f} s", file=sys.stderr, flush=True)
                if step["op"] in self.CHANGES:
                    time.sleep(0.25)


def main(make):
    address, scenario, *only = sys.argv[1:]
    with open(scenario, encoding="utf-8") as file:
        make(address).run(json.load(file), only)
