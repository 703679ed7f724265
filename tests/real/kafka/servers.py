"""The two servers that the suites compare: Apache Kafka from tests/services, and Millrace's broker."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
KAFKA = ROOT / "tests" / "services" / "kafka.sh"

# What tests/services/kafka.sh writes into server.properties and a client can see.
SETTINGS = {
    "node.id": "1", "num.partitions": "1", "auto.create.topics.enable": "true",
    "offsets.topic.num.partitions": "4", "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4", "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1", "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1", "share.coordinator.state.topic.min.isr": "1",
    "num.network.threads": "2", "num.io.threads": "4", "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "process.roles": "broker,controller", "controller.listener.names": "CONTROLLER",
    "controller.quorum.voters": "1@127.0.0.1:1", "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
}


def answers(port, seconds=0.5):
    """True if an ApiVersions request of version 0 is answered."""
    try:
        with socket.create_connection(("127.0.0.1", port), seconds) as connection:
            connection.settimeout(seconds)
            connection.sendall(bytes.fromhex("0000000e" "0012" "0000" "00000007" "0004" "77616974"))
            head = connection.recv(8)
            return len(head) == 8 and head[4:] == b"\0\0\0\7"
    except OSError:
        return False


def end_with_parent():
    """In a child before exec: killed when the thread that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)    # PR_SET_PDEATHSIG


class Kafka:
    """Apache Kafka 4.3.1, one node. Owned by one thread."""

    name = "Apache Kafka 4.3.1"
    niceness = 10

    def __init__(self, port, settings=None):
        self.port = port
        self.settings = settings or {}
        self.address = f"127.0.0.1:{port}"
        self.command = None     # Of the JVM, as the script started it.
        self.process = None     # If it was launched again without the script.

    def start(self, fresh=True):
        words = [str(KAFKA), "start", "--port", str(self.port)]
        for name, value in self.settings.items():
            words += ["--set", f"{name}={value}"]
        if fresh:
            subprocess.run([str(KAFKA), "stop", "--port", str(self.port), "--purge"], check=True, capture_output=True)
            words.append("--fresh")
        # With its own priority in benchmarks, below everything else in tests.
        subprocess.run(["nice", "-n", str(self.niceness), *words], check=True, stdout=subprocess.DEVNULL)
        self.command = pathlib.Path(f"/proc/{self.pid()}/cmdline").read_bytes().decode().split("\0")[:-1]
        return self

    def launch(self):
        """The same process again, without the script's own time; call launched() when it answers."""
        return subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def launched(self, process):
        self.process = process

    def pid(self):
        if self.process:
            return self.process.pid
        home = os.environ.get("MILLRACE_SERVICES", os.path.expanduser("~/.cache/millrace-services"))
        return int(pathlib.Path(home, "run", f"kafka-{self.port}", "pid").read_text(encoding="utf-8").split()[0])

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)
        while pathlib.Path(f"/proc/{self.pid()}/stat").exists():
            time.sleep(0.05)

    def stop(self, purge=True):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None
        subprocess.run([str(KAFKA), "stop", "--port", str(self.port), *(["--purge"] if purge else [])], check=True,
                       capture_output=True)

    def log(self):
        return ""


class Millrace:
    """`millrace broker`. Owned by one thread."""

    name = "Millrace"

    def __init__(self, port, settings=None, program=None):
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self.program = program or os.environ.get("MILLRACE") or str(ROOT / "build" / "millrace")
        self.settings = {**SETTINGS, "advertised.listeners": f"PLAINTEXT://{self.address}", **(settings or {})}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace_kafka_"))
        self.process = None

    def launch(self):
        """The process; call launched() when it answers."""
        words = [self.program, "broker", "--data", str(self.folder / "data"), "--listen", self.address]
        for name, value in self.settings.items():
            words += ["--set", f"{name}={value}"]
        if answers(self.port):
            raise RuntimeError(f"something else answers on {self.address}")
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)

    def launched(self, process):
        self.process = process

    def start(self, fresh=True):
        if fresh:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
        self.process = self.launch()
        deadline = time.monotonic() + 20
        while not answers(self.port):
            if self.process.poll() is not None:
                raise RuntimeError(f"millrace broker ended with {self.process.returncode}:\n{self.log()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"millrace broker does not answer on {self.address}:\n{self.log()}")
            time.sleep(0.005)
        return self

    def pid(self):
        return self.process.pid

    def kill(self):
        self.process.kill()
        self.process.wait()

    def alive(self):
        return self.process.poll() is None

    def stop(self, purge=True):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if purge:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        file = self.folder / "log"
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]) if file.exists() else ""
