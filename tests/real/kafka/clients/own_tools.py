"""The steps of commands_tools.json by Millrace's own kafka-* names: own_tools.py MILLRACE HOST:PORT commands_tools.json [section…].

Answers have the form of JavaTools.java, so that its transcript is theirs too. Steps of tools that Millrace has no name for are left
out.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time


def normal(output, address):
    """As JavaTools.normal(): lines without what no two runs share."""
    lines = []
    for line in output.decode("utf-8", "replace").split("\n"):
        if not line or line.startswith("WARN New offset"):    # Kafka logs that; its log was off when the transcript was made.
            continue
        line = line.replace(address, "{B}").replace("localhost" + address[address.index(":"):], "{B}")
        line = re.sub(r"TopicId: [A-Za-z0-9_-]{22}", "TopicId: <id>", line)
        line = re.sub(r"CreateTime:17\d{11}", "CreateTime:now", line)
        line = re.sub(r" +", " ", line).rstrip()
        line = re.sub(r"127\.0\.0\.1 \d+", "{B}", line)
        line = re.sub(r"(kafka-console-consumer|console-consumer)-\d+", r"\1-<n>", line)
        lines.append(line)
    return lines


def run(step, program, address, folder):
    words = [word.replace("{B}", address).replace("{DIR}", str(folder)) for word in step["args"]]
    for name, text in step.get("files", {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    try:
        done = subprocess.run([str(program), *words], input=step.get("stdin", "").encode(), capture_output=True,
                              timeout=step.get("seconds", 40), check=False)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as error:
        return "ended by time", error.stdout or b"", error.stderr or b""


def main():
    millrace, address, scenario, *only = sys.argv[1:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace_own_tools_"))
    subprocess.run([millrace, "links", str(folder / "bin")], check=True, stdout=subprocess.DEVNULL)
    with open(scenario, encoding="utf-8") as file:
        sections = json.load(file)
    for section, _, steps in sections:
        if only and section not in only and section != "warm":
            continue
        for step in steps:
            program = folder / "bin" / step["tool"]
            if not os.path.lexists(program):
                continue
            print("--- " + step["id"], file=sys.stderr, flush=True)
            began = time.monotonic()
            code, out, err = run(step, program, address, folder)
            sys.stderr.write(err.decode("utf-8", "replace") + f"    {time.monotonic() - began:.2f} s\n")
            result = {"exit": code}
            if not step.get("quiet"):
                result["out"] = normal(out, address)
                result["err"] = normal(err, address)
                if step.get("sorted"):
                    result["out"].sort()
            print(step["id"] + "\t" + json.dumps(result, sort_keys=True), flush=True)


if __name__ == "__main__":
    main()
