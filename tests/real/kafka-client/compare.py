"""Our own Kafka client and the commands on it, at two brokers: what they print and return must be the same.

    tests/real/kafka-client/compare.py [-v]

What cannot be the same (addresses, ids, times) is replaced by words before it is compared; what is meant to differ is in
DIFFERENT, with the reason. Exit 0: no difference.
"""
import difflib
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "kafka"))
import packages    # noqa: E402  (found through the line above)
import servers     # noqa: E402

PORT = 21240

# A line is one command; "!" begins a step of Kafka's own Python client, for what only a real client makes.
STEPS = """
topics list
topics describe none
topics create plain
topics create users --partitions 3 --config cleanup.policy=compact --config retention.ms=86400000
topics create users --partitions 3
topics create users --if-not-exists
topics create wide --replication-factor 3
topics create bad/name
topics create odd --config retention.ms=soon
topics create odd --config no.such.config=1
topics create checked --partitions 2 --dry-run
topics list --no-internal
topics list --no-internal --output json
topics describe users
topics describe users --output json
topics describe usres
topics alter users --partitions 5
topics alter users --partitions 2
topics alter users --config retention.ms=3600000 --config max.message.bytes=2000000 --delete-config cleanup.policy
topics alter users --config retention.ms=soon
topics alter users --delete-config no.such.config
topics alter none --partitions 2
topics describe users
!produce
topics describe users
topics list --no-internal
groups list
groups describe none
groups reset first --to earliest
groups reset first --to earliest --topic users
groups reset first --to earliest --topic users --execute
groups describe first
groups reset first --to latest --topic users:0,1 --execute
groups reset first --to -2 --topic users:0,1
groups reset first --to -100 --topic users:0,1 --execute
groups reset first --to +1 --execute --output json
groups reset first --to 3 --execute --output csv
groups reset first --to 1000
groups reset first --to 1970-01-01T00:00:01.004 --topic users:0
groups reset first --to 2h --topic users:0
groups reset first --to current --topic users
groups reset first --to earliest --topic none
groups reset first --to earliest --topic users:9
groups reset first --to nowhere
groups describe first --output json
!consume
groups list
groups describe readers
groups reset readers --to earliest
groups delete readers --yes
!leave
groups describe readers
groups list --state Empty --type classic --output json
groups delete readers --topic users:0 --yes
groups describe readers
groups delete none --yes
groups delete first readers --yes
groups list
topics truncate users --partition 0 --offset 3 --yes
topics truncate users --partition 0 --offset 3000 --yes
topics truncate users --partition 9 --yes
topics truncate users --yes
topics describe users
topics delete none --yes
topics delete none --if-exists --yes
topics delete users --yes --output json
topics delete plain --yes
topics list --no-internal
"""

# Command → why the two brokers are meant to differ there.
DIFFERENT = {
    "topics list": "each broker has internal topics of its own",
    "topics create wide --replication-factor 3": "Kafka speaks of cordoned log directories, of which there are none here",
}


class Client:
    """The steps that a real client does, with kafka-python. Owned by one thread."""

    def __init__(self, python, address):
        self.python = python
        self.address = address
        self.member = None

    def produce(self):
        self.run("""
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=address)
for partition in range(3):
    for i in range(4 + partition):
        producer.send('users', key=b'k%d' % i, value=b'v%d' % i, partition=partition, timestamp_ms=1000 + i)
producer.flush()
""")

    def consume(self):
        code = """
import sys
from kafka import KafkaConsumer
consumer = KafkaConsumer('users', bootstrap_servers=address, group_id='readers', client_id='reader', auto_offset_reset='earliest',
                         enable_auto_commit=False)
seen = 0
while seen < 15:
    seen += sum(len(records) for records in consumer.poll(timeout_ms=500).values())
consumer.commit()
print('ready', flush=True)
import select
while not select.select([sys.stdin], [], [], 0)[0]:
    consumer.poll(timeout_ms=200)
consumer.close()
"""
        self.member = subprocess.Popen([self.python, "-c", f"address = {self.address!r}\n{code}"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, preexec_fn=servers.end_with_parent)
        if self.member.stdout.readline().strip() != "ready":
            raise RuntimeError("the consumer did not read what was produced")

    def leave(self):
        self.member.communicate("\n", timeout=60)
        # Millrace still serves what a client that is gone had asked behind a long poll: a Metadata that makes topics anew.
        time.sleep(1.5)

    def run(self, code):
        subprocess.run([self.python, "-c", f"address = {self.address!r}\n{code}"], check=True)


def normalised(text, server):
    text = text.replace(server.address, "ADDRESS").replace(f":{server.port}", ":PORT")
    text = re.sub(r'("id":"|id      )[A-Za-z0-9_-]{22}', r"\1ID", text)
    text = re.sub(r'("id":")[^"]*-[0-9a-f-]{36}"', r'\1MEMBER"', text)
    text = re.sub(r'("member":")[^"]+"', r'\1MEMBER"', text)
    return text


def transcript(program, server, client):
    """(command, what came of it) for each step."""
    answers = []
    for step in filter(None, STEPS.splitlines()):
        if step.startswith("!"):
            getattr(client, step[1:])()
            continue
        done = subprocess.run([program, *step.split(), "--bootstrap-server", server.address], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120, check=False)
        text = f"{done.stdout}{done.stderr}exit code {done.returncode}\n"
        answers.append((step, normalised(text, server)))
        if step.startswith(("topics create", "topics alter", "topics delete")):
            time.sleep(0.3)    # Kafka answers before its own metadata has the change.
    return answers


def main():
    verbose = "-v" in sys.argv[1:]
    python = packages.virtual_environment("kafka-python-3.0.12", ("kafka-python==3.0.12", *packages.CODECS))
    found = {}
    for server in (servers.Millrace(PORT + 5), servers.Kafka(PORT)):
        program = servers.Millrace(0).program
        server.start()
        try:
            found[server.name] = transcript(program, server, Client(python, server.address))
        finally:
            server.stop()
    failed = shown = 0
    (ours, left), (theirs, right) = found.items()
    for (step, mine), (_, real) in zip(left, right):
        if verbose:
            print(f"$ millrace {step}\n{mine}")
        if mine == real:
            continue
        if step in DIFFERENT:
            shown += 1
            continue
        failed += 1
        print(f"differs: millrace {step}")
        sys.stdout.writelines(f"  {line}\n" for line in difflib.unified_diff(real.splitlines(), mine.splitlines(), theirs, ours,
                                                                             lineterm="", n=1))
    print(f"kafka-client: {len(left)} commands at both brokers, {failed} differ" + (f", {shown} as meant" if shown else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
