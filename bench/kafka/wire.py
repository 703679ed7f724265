"""A few requests of Kafka's protocol by hand, for figures in which a client would cost more than the broker."""
import socket
import struct
import time

CASTAGNOLI = []
for _byte in range(256):
    for _ in range(8):
        _byte = (_byte >> 1) ^ (0x82F63B78 if _byte & 1 else 0)
    CASTAGNOLI.append(_byte)


def crc32c(data):
    value = 0xFFFFFFFF
    for octet in data:
        value = (value >> 8) ^ CASTAGNOLI[(value ^ octet) & 0xFF]
    return value ^ 0xFFFFFFFF


def batch(value):
    """A record batch (magic 2) of one record without key."""
    body = b"\0\0\0" + b"\1" + bytes([2 * len(value)]) + value + b"\0"    # attributes, deltas, null key, value, no headers
    record = bytes([2 * len(body)]) + body
    now = int(time.time() * 1000)
    tail = struct.pack(">hiqqqhii", 0, 0, now, now, -1, -1, -1, 1) + record
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def request(key, version, body):
    head = struct.pack(">hhih", key, version, 1, 5) + b"bench"
    return struct.pack(">i", len(head) + len(body)) + head + body


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def answer(connection):
    def take(count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data
    return take(struct.unpack(">i", take(4))[0])[4:]


def connect(port, seconds=10):
    connection = socket.create_connection(("127.0.0.1", port), seconds)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def api_versions(connection):
    connection.sendall(request(18, 0, b""))
    return answer(connection)


def produce(connection, topic, value=b"first"):
    """The error code of one produce (version 3, acks=all)."""
    records = batch(value)
    body = struct.pack(">hhi", -1, -1, 5000) + struct.pack(">i", 1) + text(topic) + struct.pack(">iii", 1, 0, len(records)) + records
    connection.sendall(request(0, 3, body))
    said = answer(connection)
    return struct.unpack_from(">h", said, 4 + 2 + len(topic) + 4 + 4)[0]


def until_accepted(port, topic, began, seconds=60):
    """Seconds from `began` to the first acknowledged record."""
    while time.monotonic() - began < seconds:
        try:
            with connect(port, 5) as connection:
                if produce(connection, topic) == 0:
                    return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.001)
    raise TimeoutError("no record was accepted")


def commit(connection, group, topic, offset):
    """The error code of one stand-alone commit (OffsetCommit version 2)."""
    body = text(group) + struct.pack(">i", -1) + text("") + struct.pack(">q", -1) + struct.pack(">i", 1) + text(topic) + \
        struct.pack(">iiq", 1, 0, offset) + text("")
    connection.sendall(request(8, 2, body))
    return struct.unpack_from(">h", answer(connection), 4 + 2 + len(topic) + 4 + 4)[0]


def find_coordinator(connection, group):
    connection.sendall(request(10, 0, text(group)))
    return struct.unpack_from(">h", answer(connection), 0)[0]


def create_topic(connection, topic, partitions):
    """The error code (CreateTopics version 2)."""
    body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, 1, 0, 0) + struct.pack(">ib", 30000, 0)
    connection.sendall(request(19, 2, body))
    return struct.unpack_from(">h", answer(connection), 4 + 4 + 2 + len(topic))[0]
