"""A file of commands, each step one command: its exit code, what it printed, what it said to standard error."""
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def normal(output, address):
    """The lines without what no two runs share: addresses, times, ids."""
    output = output.decode("utf-8", "replace").replace(address, "{B}").replace(address.replace("127.0.0.1", "localhost"), "{B}")
    output = re.sub(r"%(\d)\|[0-9.]+\|", r"%\1|time|", output)
    output = re.sub(r'"ts":1[0-9]{12}', '"ts":"now"', output)
    output = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>", output)
    return [line if len(line) < 2000 else f"#{len(line)}" for line in output.splitlines()]


def main():
    address, scenario, names, *only = sys.argv[1:]
    names = {"{B}": address, "{HERE}": str(HERE.parent), **json.loads(names)}
    with open(scenario, encoding="utf-8") as file:
        sections = json.load(file)
    for section, _, steps in sections:
        if only and section not in only and section != "warm":
            continue
        for step in steps:
            words = step["cmd"]
            for name, value in names.items():
                words = [word.replace(name, value) for word in words]
            print(f"--- {step['id']}: {words}", file=sys.stderr, flush=True)
            began = time.monotonic()
            result = {}
            try:
                done = subprocess.run(words, input=step.get("stdin", "").encode(), capture_output=True, timeout=step.get("seconds", 30),
                                      check=False)
                result["exit"] = done.returncode
                out, err = done.stdout, done.stderr
            except subprocess.TimeoutExpired as error:
                result["exit"] = "ended by time"
                out, err = error.stdout or b"", error.stderr or b""
            sys.stderr.write(err.decode("utf-8", "replace"))
            print(f"    {time.monotonic() - began:.2f} s", file=sys.stderr, flush=True)
            result["out"] = normal(out, address)
            result["err"] = normal(err, address)
            if step.get("json"):
                result["out"] = json.loads(out)
                for broker in result["out"].get("brokers", []):
                    broker["name"] = broker["name"].replace(address, "{B}")
                result["out"].pop("originating_broker", None)
            if step.get("quiet"):
                result = {"exit": result["exit"]}
            print(step["id"] + "\t" + json.dumps(result, sort_keys=True), flush=True)


if __name__ == "__main__":
    main()
