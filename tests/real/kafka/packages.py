"""The clients of the suites: what each needs, where it is kept, how it is called.

Everything is kept by version in $MILLRACE_SERVICES/pkg (~/.cache/millrace-services/pkg), so a second run installs nothing.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HOME = pathlib.Path(os.environ.get("MILLRACE_SERVICES", os.path.expanduser("~/.cache/millrace-services")))
PKG = HOME / "pkg"
SCENARIO = HERE / "scenario.json"
CODECS = ("lz4==4.4.5", "zstandard==0.25.0", "python-snappy==0.7.3", "crc32c==2.9.post0")

PORT = 21000    # Ten ports for each client; Kafka takes the first two, Millrace the sixth.


def python_with_asyncore():
    """kafka-python 2.0.2 does not start under Python 3.12."""
    for name in ("python3.11", "python3.10", "python3"):
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "import sys; sys.exit(sys.version_info >= (3, 12))"], check=False).returncode == 0:
            return found
    raise SystemExit("kafka-python 2.0.2 needs a Python older than 3.12")


def virtual_environment(name, wanted, python="python3"):
    """PKG/name with these packages; the path of its Python."""
    folder = PKG / name
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        PKG.mkdir(parents=True, exist_ok=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *wanted], check=True)
        (folder / "complete").touch()
    return str(folder / "bin" / "python")


def debian(program, package):
    """Installs a Debian package if its program is not there."""
    if not shutil.which(program):
        debian_package(package)


def debian_package(package):
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
                   check=True, stdout=subprocess.DEVNULL)


def kafka_jars():
    subprocess.run([str(ROOT / "tests" / "services" / "kafka.sh"), "install"], check=True)
    return str(PKG / "kafka-4.3.1" / "lib" / "*")


def digest_of(folder):
    """Of all its files."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


class Client:
    """What one suite is made of. Immutable."""

    version = ""

    def install(self):
        """Idempotent."""

    def command(self, address, only):
        raise NotImplementedError

    # Whose transcript it is compared with; its own unless it says another.
    transcript = None

    def expected(self, rows):
        """What of the transcript holds for this client."""
        return rows


class Python(Client):
    """A runner in Python, in a virtual environment of its own."""

    def __init__(self, script, name, number, extra=(), python=lambda: "python3"):
        self.script = script
        self.version = f"{name} {number}"
        self.folder = f"{name}-{number}"
        self.wanted = (f"{name}=={number}", *extra)
        self.python = python

    def install(self):
        return virtual_environment(self.folder, self.wanted, self.python())

    def command(self, address, only):
        return [self.install(), str(HERE / "clients" / self.script), address, str(SCENARIO), *only], {}


class Commands(Client):
    """A runner that calls programs."""

    def __init__(self, name, scenario, program, package):
        self.name = name
        self.scenario = HERE / scenario
        self.program = program
        self.package = package

    @property
    def version(self):
        said = subprocess.run([self.program, "-V"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"Version (\S+) .*librdkafka (\S+)", said)
        return f"{self.name} {found[1]}, librdkafka {found[2]}" if found else self.name

    def install(self):
        debian(self.program, self.package)
        CLIENTS["kafka-python-2.0.2"].install()

    def command(self, address, only):
        names = {"{PYTHON202}": CLIENTS["kafka-python-2.0.2"].install()}
        return ["python3", str(HERE / "clients" / "commands.py"), address, str(self.scenario), json.dumps(names), *only], {}


class Librdkafka(Client):
    """clients/librdkafka, built on Debian's librdkafka; kept by the hash of its sources."""

    folder = HERE / "clients" / "librdkafka"

    @property
    def version(self):
        return "librdkafka " + subprocess.run(["pkg-config", "--modversion", "rdkafka"], capture_output=True, text=True,
                                              check=False).stdout.strip()

    def install(self):
        debian("g++", "g++")
        if not pathlib.Path("/usr/include/librdkafka/rdkafka.h").exists():
            debian_package("librdkafka-dev")
        if not pathlib.Path("/usr/include/rapidjson/document.h").exists():
            debian_package("rapidjson-dev")
        program = PKG / "kafka-suites" / f"librdkafka-{digest_of(self.folder)}"
        if not program.exists():
            program.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["g++", "-std=c++20", "-O1", "-Wall", "-o", str(program) + ".part",
                            *map(str, sorted(self.folder.glob("*.cpp"))), "-lrdkafka"], check=True)
            os.replace(str(program) + ".part", program)
        return str(program)

    def command(self, address, only):
        return [self.install(), address, str(SCENARIO), str(HERE / "clients" / "errors.tsv"), *only], {}


class Java(Client):
    """A Java program on the jars of the Kafka distribution; compiled once, kept by the hash of its source."""

    version = "kafka-clients 4.3.1"

    def __init__(self, program, scenario=SCENARIO):
        self.program = program
        self.scenario = scenario

    def install(self):
        debian("javac", "openjdk-17-jdk-headless")
        source = HERE / "clients" / f"{self.program}.java"
        digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
        folder = PKG / "kafka-suites" / f"{self.program}-{digest}"
        if not folder.exists():
            part = pathlib.Path(f"{folder}.part")
            shutil.rmtree(part, ignore_errors=True)
            subprocess.run(["nice", "-n", "10", "javac", "-nowarn", "-Xlint:none", "-cp", kafka_jars(), "-d", str(part), str(source)],
                           check=True)
            part.rename(folder)
        return folder

    def command(self, address, only):
        folder = self.install()
        jars = PKG / "kafka-4.3.1"
        return ["nice", "-n", "5", "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dkafka.log.level=OFF",
                f"-Dlog4j2.configurationFile={jars}/log4j2.properties", "-cp", f"{folder}:{jars}/lib/*", self.program, address,
                str(self.scenario), *only], {}


class Go(Client):
    """clients/franz, built once; kept by the hash of its sources. Modules come by the Go module proxy."""

    version = "franz-go 1.22.2"
    folder = HERE / "clients" / "franz"

    def __init__(self, scenario):
        self.scenario = scenario

    def install(self):
        go = shutil.which("go") or "/usr/local/go/bin/go"
        if not pathlib.Path(go).exists():
            debian("go", "golang-go")
            go = "go"
        program = PKG / "kafka-suites" / f"franz-{digest_of(self.folder)}"
        if not program.exists():
            program.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["nice", "-n", "10", go, "build", "-o", str(program), "."], cwd=self.folder, check=True)
        return str(program)

    def command(self, address, only):
        return [self.install(), address, str(self.scenario), *only], {}


class Node(Client):
    """clients/kafkajs with its modules from the npm registry."""

    version = "kafkajs 2.2.4"
    source = HERE / "clients" / "kafkajs"

    def install(self):
        debian("node", "nodejs")
        debian("npm", "npm")
        wanted = (self.source / "package.json").read_bytes()
        folder = PKG / "kafka-suites" / f"kafkajs-{hashlib.sha256(wanted).hexdigest()[:12]}"
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "package.json").write_bytes(wanted)
            subprocess.run(["npm", "install", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
            (folder / "complete").touch()
        return folder

    def command(self, address, only):
        modules = self.install()
        return ["node", str(self.source / "suite.js"), address, str(SCENARIO), *only], {"SUITE_MODULES": str(modules)}


class Spark(Client):
    """pyspark from PyPI with the Kafka source's jars from Maven Central. Half a gigabyte."""

    number = "4.0.0"
    version = f"Spark {number}"

    def install(self):
        python = virtual_environment(f"pyspark-{self.number}", (f"pyspark=={self.number}",))
        jars = PKG / f"spark-sql-kafka-{self.number}"
        if not (jars / "complete").exists():
            # The library of the service scripts knows how to ask Maven.
            script = (f'set -e; . {ROOT}/tests/services/lib.sh; SVC_NAME=spark; '
                      f'svc_maven {jars} org.apache.spark:spark-sql-kafka-0-10_2.13:{self.number}')
            subprocess.run(["bash", "-c", script], check=True)
            (jars / "complete").touch()
            # What pyspark has itself must not come twice.
            own = {file.name for file in next((PKG / f"pyspark-{self.number}").glob("lib/python*/site-packages/pyspark/jars")).iterdir()}
            for file in (jars / "lib").iterdir():
                if file.name in own:
                    file.unlink()
        return python, str(jars / "lib")

    def command(self, address, only):
        python, jars = self.install()
        return ["nice", "-n", "5", python, str(HERE / "clients" / "spark_suite.py"), address, jars, *only], {"PYSPARK_PYTHON": python}


class OwnTools(Client):
    """Millrace under the names of Kafka's tools, compared with what Kafka's tools printed."""

    version = "Millrace's kafka-* names"
    transcript = "java-tools"
    scenario = HERE / "commands_tools.json"
    # As `millrace links` makes them.
    names = ("kafka-topics.sh", "kafka-console-producer.sh", "kafka-console-consumer.sh", "kafka-consumer-groups.sh",
             "kafka-get-offsets.sh", "kafka-delete-records.sh")

    def command(self, address, only):
        program = os.environ.get("MILLRACE") or str(ROOT / "build" / "millrace")
        return ["python3", str(HERE / "clients" / "own_tools.py"), os.path.abspath(program), address, str(self.scenario), *only], {}

    def expected(self, rows):
        """Without tools that have no name here, stack traces, Kafka's advertisement and the groups that its console consumer makes."""
        steps = json.loads(self.scenario.read_text(encoding="utf-8"))
        ours = {step["id"] for _, _, section in steps for step in section if step["tool"] in self.names}
        foreign = re.compile(r"(The consumer rebalance protocol \(KIP-848\)|java\.util\.concurrent\.|Caused by: |console-consumer-<n>)")
        kept = {}
        for step, value in rows.items():
            if step in ours:
                kept[step] = {key: [line for line in lines if not foreign.match(line)] if isinstance(lines, list) else lines
                              for key, lines in value.items()}
        return kept


CLIENTS = {
    "kcat": Commands("kcat", "commands_kcat.json", "kcat", "kcat"),
    "kafka-python-2.0.2": Python("kafka_python.py", "kafka-python", "2.0.2", CODECS, python_with_asyncore),
    "kafka-python": Python("kafka_python.py", "kafka-python", "3.0.12", CODECS),
    "librdkafka": Librdkafka(),
    "confluent": Python("confluent.py", "confluent-kafka", "2.16.1"),
    "java": Java("JavaClient"),
    "java-tools": Java("JavaTools", HERE / "commands_tools.json"),
    "franz-go": Go(SCENARIO),
    "versions": Go(HERE / "versions.json"),
    "kafkajs": Node(),
    "spark": Spark(),
    "own-tools": OwnTools(),
}


def install(client):
    """One suite at a time: several may need the same package."""
    PKG.mkdir(parents=True, exist_ok=True)
    with open(PKG / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return CLIENTS[client].install()


def transcript(client):
    """The name of the transcript that it is compared with."""
    return CLIENTS[client].transcript or client


def expected(client, rows):
    return CLIENTS[client].expected(rows)


def version(client):
    return CLIENTS[client].version


def command(client, address, only):
    return CLIENTS[client].command(address, only)


def suite(client):
    """The folder of its suite in tests/real."""
    return client if client.startswith("kafka-") else "kafka-" + client


def port(client):
    return PORT + 10 * list(CLIENTS).index(client)
