#!/usr/bin/env python3
"""Writes the C++ of Kafka's messages from the contract.

  generate.py --contract DIR --out DIR     writes generated/*.h, generated/codec_N.cc
  generate.py --contract DIR --list        prints the files that it would write

The contract: messages.json (layouts), apis.tsv (versions), strict_fields.tsv (fields that may not be dropped
when a version does not carry them). Each API gets one header with its request and its response; each other section
of the contract gets one header. A message is a plain struct; its structs have their names in it, flat.
"""
import argparse
import json
import pathlib
import re

NO_VERSION = 32767
CODEC_FILES = 8
OTHER_SECTIONS = {  # section of the contract -> header
    "headers": "headers",
    "clientProtocol": "client_protocol",
    "controlRecords": "control_records",
    "groupCoordinatorRecords": "group_coordinator_records",
    "transactionLogRecords": "transaction_log_records",
    "shareCoordinatorRecords": "share_coordinator_records",
    "storageRecords": "storage_records",
    "principal": "principal",
}
# The contract says that these are null by default. Kafka's definitions have a JSON null there, which Kafka takes for no
# default at all: left out, they are empty (a struct of defaults); null is written.
NOT_NULL_BY_DEFAULT = {
    ("ConsumerGroupMemberMetadataValue", "ConsumerGroupMemberMetadataValue.ClassicMemberMetadata"),
    ("ConsumerGroupCurrentMemberAssignmentValue", "TopicPartitions.AssignmentEpochs"),
    ("StreamsGroupCurrentMemberAssignmentValue", "TaskIds.AssignmentEpochs"),
    ("StreamsGroupMetadataValue", "StreamsGroupMetadataValue.LastAssignmentConfigs"),
}
NUMBERS = {  # type of the contract -> (C++ type, bytes)
    "int8": ("std::int8_t", 1),
    "int16": ("std::int16_t", 2),
    "int32": ("std::int32_t", 4),
    "int64": ("std::int64_t", 8),
    "uint16": ("std::uint16_t", 2),
    "uint32": ("std::uint32_t", 4),
}


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


class Versions:
    """A range of versions; empty when low > high."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    @staticmethod
    def parse(text):
        if text is None or text == "none":
            return Versions(1, 0)
        if text.endswith("+"):
            return Versions(int(text[:-1]), NO_VERSION)
        low, _, high = text.partition("-")
        return Versions(int(low), int(high or low))

    def __and__(self, other):
        return Versions(max(self.low, other.low), min(self.high, other.high))

    def __bool__(self):
        return self.low <= self.high

    def covers(self, other):
        return not other or (self.low <= other.low and other.high <= self.high)

    def text(self):
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"

    def phrase(self):
        return ("Version " if self.low == self.high else "Versions ") + self.text()

    def test(self, within):
        """C++ that is true for these versions, among `within`."""
        here = self & within
        if not here:
            return "false"
        parts = []
        if here.low > within.low:
            parts.append(f"version >= {here.low}")
        if here.high < within.high:
            parts.append(f"version <= {here.high}")
        return " && ".join(parts) or "true"


class Field:
    def __init__(self, raw, valid, message, owner):
        self.raw = raw
        self.name = snake(raw["name"])
        self.at = "this->" + self.name  # a field may be called as a parameter is
        self.type = raw["type"]
        self.valid = valid  # of the struct it stands in
        self.versions = Versions.parse(raw["versions"]) & valid
        self.nullable_versions = Versions.parse(raw.get("nullableVersions")) & self.versions
        self.nullable = bool(self.nullable_versions)
        self.tag = raw.get("tag")
        self.never_compact = raw.get("flexibleVersions") == "none"
        path = (message, f"{owner}.{raw['name']}")
        self.default = None if path in NOT_NULL_BY_DEFAULT else raw.get("default")
        self.label = f'"{owner}.{self.name}"'
        self.strict = path in STRICT
        self.is_array = self.type.startswith("[]")
        self.element = self.type[2:] if self.is_array else self.type
        self.is_struct = self.element[0].isupper()

    def is_error(self):
        return self.type == "int16" and self.raw["name"].endswith(("ErrorCode", "errorCode"))

    def base_type(self):
        kind = self.element
        if self.is_error():
            cpp = "KafkaError"
        elif kind in NUMBERS:
            cpp = NUMBERS[kind][0]
        elif self.is_struct:
            cpp = kind
        else:
            cpp = {"bool": "bool", "float64": "double", "uuid": "Uuid", "string": "std::string",
                   "bytes": "data::BlockSlice", "records": "Records"}[kind]
        return f"std::vector<{cpp}>" if self.is_array else cpp

    def cpp_type(self):
        return f"std::optional<{self.base_type()}>" if self.nullable else self.base_type()

    def number_default(self):
        value = self.default or "0"
        if self.type == "bool":
            return "true" if value == "true" else "false"
        if self.type == "float64":
            return value if "." in value else value + ".0"
        number = int(value, 0)
        if self.is_error():
            return "KafkaError::kNone" if number == 0 else f"KafkaError({number})"
        if number == -2147483648:
            return "(-2147483647 - 1)"
        return str(number)

    def is_number(self):
        return not self.is_array and (self.type in NUMBERS or self.type in ("bool", "float64"))

    def initial(self):
        if self.is_number():
            return self.number_default()
        if self.default not in (None, "null", ""):
            return json.dumps(self.default)
        if self.nullable and self.default != "null":
            return f"{self.base_type()}()"
        return "{}"

    def differs(self, at):
        """C++ that is true when the field has another value than its default."""
        if self.is_number():
            return {"true": f"!{at}", "false": at}.get(self.number_default(), f"{at} != {self.number_default()}")
        if self.is_struct and not self.is_array and self.nullable and self.default != "null":
            return f"!({at} && *{at} == {self.element}())"
        if self.nullable:
            return f"{at}.has_value()" if self.default == "null" else f"!({at} && {at}->empty())"
        if self.is_struct and not self.is_array:
            return f"!({at} == {self.element}())"
        return f"!{at}.is_none()" if self.type == "uuid" else f"!{at}.empty()"

    def wire_min(self, structs):
        """Bytes on the wire, at least, over all versions of the struct it stands in."""
        if not self.versions.covers(self.valid) or self.tag is not None:
            return 0
        if self.is_array or self.type in ("string", "bytes", "records") or (self.is_struct and self.nullable):
            return 1
        if self.is_struct:
            return structs[self.element].wire_min(structs)
        return NUMBERS[self.type][1] if self.type in NUMBERS else {"bool": 1, "float64": 8, "uuid": 16}[self.type]

    def element_min(self, structs):
        if self.is_struct:
            return max(1, structs[self.element].wire_min(structs))
        if self.element in NUMBERS:
            return NUMBERS[self.element][1]
        return {"string": 1, "bytes": 1, "uuid": 16, "float64": 8, "bool": 1}[self.element]


class Struct:
    def __init__(self, name, raw_fields, valid, message):
        self.name, self.valid = name, valid
        self.fields = [f for f in (Field(raw, valid, message, name) for raw in raw_fields) if f.versions]

    def plain(self):
        return [f for f in self.fields if f.tag is None]

    def tagged(self):
        return sorted((f for f in self.fields if f.tag is not None), key=lambda f: f.tag)

    def wire_min(self, structs):
        return sum(f.wire_min(structs) for f in self.fields)


class Message:
    def __init__(self, raw, highest=NO_VERSION):
        self.raw = raw
        self.name = raw["name"][0].upper() + raw["name"][1:]
        self.valid = Versions.parse(raw["validVersions"]) & Versions(0, highest)
        self.flexible = Versions.parse(raw["flexibleVersions"])
        self.structs = {}  # by name; each after those that it uses
        shared = {c["name"]: c for c in raw.get("commonStructs", [])}
        self.shared = shared
        self.top = Struct(self.name, raw["fields"], self.valid, self.name)
        self._gather(raw["fields"], self.valid)

    def _gather(self, raw_fields, valid):
        for raw in raw_fields:
            name = raw["type"].removeprefix("[]")
            versions = Versions.parse(raw["versions"]) & valid
            if not name[0].isupper() or not versions or name in self.structs:
                continue
            inner = raw.get("fields")
            if inner is None:
                inner, versions = self.shared[name]["fields"], self.valid
            self._gather(inner, versions)
            assert name not in self.structs, (self.name, name)
            self.structs[name] = Struct(name, inner, versions, self.name)

    def is_flexible(self, valid):
        return self.flexible.test(valid)

    def field_count(self):
        return len(self.top.fields) + sum(len(s.fields) for s in self.structs.values())


class Out:
    def __init__(self):
        self.lines, self.depth = [], 0

    def __call__(self, text=""):
        self.lines.append("  " * self.depth + text if text else "")

    def open(self, text):
        self(text + " {")
        self.depth += 1

    def close(self, text="}"):
        self.depth -= 1
        self(text)

    def text(self):
        return "\n".join(self.lines) + "\n"


# ---- headers

def note(field):
    words = []
    if field.tag is not None:
        words.append(f"Tag {field.tag}.")
    if not field.versions.covers(field.valid):
        words.append(f"Versions {field.versions.text()}.")
    if field.nullable and not field.nullable_versions.covers(field.versions):
        words.append(f"Null in {field.nullable_versions.phrase().lower()}.")
    return "  ///< " + " ".join(words) if words else ""


def declare_fields(out, struct):
    for field in struct.fields:
        out(f"{field.cpp_type()} {field.name} = {field.initial()};{note(field)}")


def declare_struct(out, struct):
    out.open(f"struct {struct.name}")
    declare_fields(out, struct)
    out()
    out(f"friend bool operator==(const {struct.name}&, const {struct.name}&) = default;")
    out("void read(Reader& reader, std::int16_t version);")
    out("void write(Writer& writer, std::int16_t version) const;")
    out.close("};")
    out()


def declare_message(out, message):
    flexible = message.flexible & message.valid
    kind = message.raw["type"]
    parts = f"{snake(message.name)}_parts"
    if message.structs:
        # Not nested: a struct within a struct is not complete, for clang, where the outer one has an optional of it.
        out(f"namespace {parts} {{")
        out()
        for struct in message.structs.values():
            declare_struct(out, struct)
        out(f"}}  // namespace {parts}")
        out()
    out(f"/// {kind.replace('-', ' ').capitalize()}. {message.valid.phrase()}, "
        + (f"flexible from {flexible.low}." if flexible else "not flexible."))
    out.open(f"struct {message.name}")
    if kind in ("request", "response"):
        out(f"static constexpr ApiKey kKey = ApiKey::k{message.name.removesuffix('Request').removesuffix('Response')};")
    if kind.startswith("coordinator"):
        out("/// The first two bytes of the key.")
        out(f"static constexpr std::int16_t kRecordType = {message.raw['apiKey']};")
    out(f'static constexpr std::string_view kName = "{message.name}";')
    out(f"static constexpr std::int16_t kVersionMin = {message.valid.low};")
    out(f"static constexpr std::int16_t kVersionMax = {message.valid.high};")
    out("/// 32767: none is flexible.")
    out(f"static constexpr std::int16_t kFlexibleMin = {flexible.low if flexible else NO_VERSION};")
    out()
    for struct in message.structs.values():
        out(f"using {struct.name} = {parts}::{struct.name};")
    if message.structs:
        out()
    declare_fields(out, message.top)
    out()
    out(f"friend bool operator==(const {message.name}&, const {message.name}&) = default;")
    out("/// kCorruption, kExhausted; kUnsupported: the version. Leaves what follows the message unread.")
    out(f"static Result<{message.name}> decode(Reader& reader, std::int16_t version);")
    out("/// Appends. kInvalidArgument: a value that the version cannot carry; kUnsupported: the version. After a")
    out("/// failure the writer is empty.")
    out("Result<void> encode(Writer& writer, std::int16_t version) const;")
    out("void read(Reader& reader, std::int16_t version);")
    out("void write(Writer& writer, std::int16_t version) const;")
    out.close("};")
    out()


def header_text(messages, api):
    out = Out()
    out("// Generated from src/wire/contract/messages.json.")
    out("#pragma once")
    out()
    for name in ("cstdint", "optional", "string", "string_view", "vector"):
        out(f"#include <{name}>")
    out()
    for name in ("base/result.h", "base/uuid.h", "data/block_slice.h", *(["wire/api_key.h"] if api else []), "wire/kafka_error.h",
                 "wire/reader.h", "wire/records.h", "wire/writer.h"):
        out(f'#include "{name}"')
    out()
    out("namespace millrace::wire {")
    out()
    for message in messages:
        declare_message(out, message)
    out("}  // namespace millrace::wire")
    return out.text()


# ---- codecs

def compact(field, message):
    return "false" if field.never_compact else message.is_flexible(field.valid & field.versions)


def element_of(field, message):
    cpp = field.base_type()[len("std::vector<"):-1]
    return f"{{{field.element_min(message.structs)}, sizeof({cpp})}}"


def read_items(out, field, items, message):
    if field.is_struct:
        out.open(f"for (auto& item : {items})")
        out("item.read(reader, version);")
        out.open("if (!reader.ok())")
        out("return;")
        out.close()
        out.close()
        return
    out.open(f"for (auto& item : {items})")
    out(f"item = {read_value(field, compact(field, message), 'false')};")
    out.close()


def read_value(field, is_compact, nullable):
    kind, label = field.element, field.label
    if field.is_error():
        return f"static_cast<KafkaError>(reader.be<std::int16_t>({label}))"
    if kind in NUMBERS:
        return f"reader.be<{NUMBERS[kind][0]}>({label})"
    if kind in ("bool", "float64", "uuid"):
        return f"reader.{'boolean' if kind == 'bool' else kind}({label})"
    if field.nullable and not field.is_array:
        return f"reader.nullable_{kind}({is_compact}, {nullable}, {label})"
    return f"reader.{kind}({is_compact}, {label})"


def read_field(out, field, message):
    is_compact = compact(field, message)
    nullable = field.nullable_versions.test(field.versions)
    if field.is_array and field.nullable:
        out.open("if (const std::int64_t count = reader.nullable_array("
                 f"{is_compact}, {nullable}, {element_of(field, message)}, {field.label}); count < 0)")
        out(f"{field.at}.reset();")
        out.close("} else {")
        out.depth += 1
        out(f"auto& items = {field.at}.emplace();")
        out("items.resize(static_cast<std::size_t>(count));")
        read_items(out, field, "items", message)
        out.close()
    elif field.is_array:
        out(f"{field.at}.resize(reader.array({is_compact}, {element_of(field, message)}, {field.label}));")
        read_items(out, field, field.at, message)
    elif field.is_struct and field.nullable:
        present = "present" if field.tag is None else "tagged_present"
        out.open(f"if (reader.{present}({nullable}, {field.label}))")
        out(f"{field.at}.emplace().read(reader, version);")
        out.close("} else {")
        out.depth += 1
        out(f"{field.at}.reset();")
        out.close()
    elif field.is_struct:
        out(f"{field.at}.read(reader, version);")
    else:
        out(f"{field.at} = {read_value(field, is_compact, nullable)};")


def guarded(out, condition, body):
    if condition == "true":
        body()
    elif condition != "false":
        out.open(f"if ({condition})")
        body()
        out.close()


def define_read(out, struct, scope, message):
    out.open(f"void {scope}::read(Reader& reader, std::int16_t version)")
    for field in struct.plain():
        guarded(out, field.versions.test(struct.valid), lambda f=field: read_field(out, f, message))
    section = f'"{struct.name}"'

    def tags():
        if not struct.tagged():
            out(f"reader.skip_tags({section});")
            return
        out.open(f"for (std::uint32_t left = reader.uvarint({section}); left > 0 && reader.ok(); --left)")
        out(f"const Reader::Tag tag = reader.tag({section});")
        for index, field in enumerate(struct.tagged()):
            test = field.versions.test(struct.valid)
            condition = f"tag.number == {field.tag}" + ("" if test == "true" else f" && {test}")
            if index == 0:
                out.open(f"if ({condition})")
            else:
                out.close(f"}} else if ({condition}) {{")
                out.depth += 1
            read_field(out, field, message)
            out(f"reader.end_tag(tag, {field.label});")
        out.close("} else {")
        out.depth += 1
        out("reader.skip_tag(tag);")
        out.close()
        out.close()

    guarded(out, message.is_flexible(struct.valid), tags)
    out.close()
    out()


def write_value(field, at, is_compact, nullable):
    kind, label = field.element, field.label
    if field.is_error():
        return f"writer.be(static_cast<std::int16_t>({at}));"
    if kind in NUMBERS:
        return f"writer.be<{NUMBERS[kind][0]}>({at});"
    if kind in ("bool", "float64", "uuid"):
        return f"writer.{'boolean' if kind == 'bool' else kind}({at});"
    if field.nullable and not field.is_array:
        return f"writer.nullable_{kind}({at}, {is_compact}, {nullable}, {label});"
    return f"writer.{kind}({at}, {is_compact}, {label});"


def write_array(out, field, at, message):
    is_compact = compact(field, message)
    out(f"writer.array({at}.size(), {is_compact}, {field.label});")
    out.open(f"for (const auto& item : {at})")
    out("item.write(writer, version);" if field.is_struct else write_value(field, "item", is_compact, "false"))
    out.close()


def write_field(out, field, message):
    is_compact = compact(field, message)
    nullable = field.nullable_versions.test(field.versions)
    if field.is_array and field.nullable:
        out.open(f"if ({field.at})")
        write_array(out, field, f"(*{field.at})", message)
        out.close("} else {")
        out.depth += 1
        out(f"writer.null_array({is_compact}, {nullable}, {field.label});")
        out.close()
    elif field.is_array:
        write_array(out, field, field.at, message)
    elif field.is_struct and field.nullable:
        present = "present" if field.tag is None else "tagged_present"
        out(f"writer.{present}({field.at}.has_value(), {nullable}, {field.label});")
        out.open(f"if ({field.at})")
        out(f"{field.at}->write(writer, version);")
        out.close()
    elif field.is_struct:
        out(f"{field.at}.write(writer, version);")
    else:
        out(write_value(field, field.at, is_compact, nullable))


def refuse_absent(out, field, struct):
    """A value that must not be dropped, in a version that does not carry it."""
    present = field.versions.test(struct.valid)
    if not field.strict or present == "true":
        return
    out.open(f"if (!({present}) && {field.differs(field.at)})")
    out(f'writer.fail({field.label}, "a value that this version cannot carry");')
    out.close()


def define_write(out, struct, scope, message):
    out.open(f"void {scope}::write(Writer& writer, std::int16_t version) const")
    for field in struct.fields:
        refuse_absent(out, field, struct)
    for field in struct.plain():
        guarded(out, field.versions.test(struct.valid), lambda f=field: write_field(out, f, message))

    def tags():
        tagged = struct.tagged()
        if not tagged:
            out("writer.uvarint(0);")
            return
        conditions = []
        for field in tagged:
            test = field.versions.test(struct.valid)
            differs = field.differs(field.at)
            conditions.append(differs if test == "true" else f"{test} && {differs}")
        for field, condition in zip(tagged, conditions):
            out(f"const bool has_{field.name} = {condition};")
        out("writer.uvarint(" + " + ".join(f"static_cast<std::uint32_t>(has_{f.name})" for f in tagged) + ");")
        for field in tagged:
            out.open(f"if (has_{field.name})")
            out(f"const std::size_t mark = writer.begin_tag({field.tag});")
            write_field(out, field, message)
            out("writer.end_tag(mark);")
            out.close()

    guarded(out, message.is_flexible(struct.valid), tags)
    out.close()
    out()


def define_message(out, message):
    for struct in message.structs.values():
        scope = f"{snake(message.name)}_parts::{struct.name}"
        define_read(out, struct, scope, message)
        define_write(out, struct, scope, message)
    define_read(out, message.top, message.name, message)
    define_write(out, message.top, message.name, message)
    name = message.name
    out.open(f"Result<{name}> {name}::decode(Reader& reader, std::int16_t version)")
    out(f"{name} message;")
    out.open("if (version < kVersionMin || version > kVersionMax)")
    out("return detail::unsupported_version(kName, version);")
    out.close()
    out("message.read(reader, version);")
    out.open("if (!reader.ok())")
    out("return detail::decode_failed(reader, kName, version);")
    out.close()
    out("return message;")
    out.close()
    out()
    out.open(f"Result<void> {name}::encode(Writer& writer, std::int16_t version) const")
    out.open("if (version < kVersionMin || version > kVersionMax)")
    out("writer.clear();")
    out("return detail::unsupported_version(kName, version);")
    out.close()
    out("write(writer, version);")
    out("return detail::encode_result(writer, kName, version);")
    out.close()
    out()


def codec_text(headers, messages):
    out = Out()
    out("// Generated from src/wire/contract/messages.json.")
    for name in headers:
        out(f'#include "wire/generated/{name}.h"')
    out('#include "wire/detail/outcome.h"')
    out()
    out("namespace millrace::wire {")
    out()
    for message in messages:
        define_message(out, message)
    out("}  // namespace millrace::wire")
    return out.text()


# ---- fields, for code that looks at any message (tests, dumps)

def fields_text(headers, messages):
    out = Out()
    out("// Generated from src/wire/contract/messages.json.")
    out("// Calls `visit(name, member)` for each field that `version` carries, in the order of the contract, and")
    out("// ALL_MESSAGES for each message. For tests and dumps: it is long to compile.")
    out("#pragma once")
    out()
    for name in headers:
        out(f'#include "wire/generated/{name}.h"')
    out()
    out("namespace millrace::wire {")
    out()
    for message in messages:
        for struct in [*message.structs.values(), message.top]:
            scope = message.name if struct is message.top else f"{message.name}::{struct.name}"
            out("template <class Visit>")
            out.open(f"void visit_fields({scope}& of, std::int16_t version, Visit&& visit)")
            for field in struct.fields:
                null = field.nullable_versions.test(field.versions)
                guarded(out, field.versions.test(struct.valid),
                        lambda f=field, n=null: out(f'visit("{f.raw["name"]}", of.{f.name}, {n});'))
            out.close()
            out()
    out("}  // namespace millrace::wire")
    out()
    out("#define MR_WIRE_ALL_MESSAGES(X) \\")
    for message in messages:
        out(f"  X({message.name}) \\")
    out()
    return out.text()


# ---- API keys

def api_key_files(contract):
    rows = [line.split("\t") for line in (contract / "apis.tsv").read_text().splitlines()[1:]]
    head = Out()
    head("// Generated from src/wire/contract/apis.tsv.")
    head("#pragma once")
    head()
    head("#include <cstdint>")
    head()
    head("namespace millrace::wire {")
    head()
    head("/// The APIs of a 4.3.1 broker, by the number on the wire. What a peer sends may be none of the enumerators.")
    head.open("enum class ApiKey : std::int16_t")
    for row in rows:
        head(f"k{row[1]} = {row[0]},")
    head.close("};")
    head()
    head("}  // namespace millrace::wire")
    body = Out()
    body("// Generated from src/wire/contract/apis.tsv.")
    body("#include <array>")
    body("#include <span>")
    body()
    body('#include "wire/api_key.h"')
    body()
    body("namespace millrace::wire {")
    body()
    body("namespace {")
    body()
    uses = {"M": "kClients", "T": "kTransactions", "A": "kAdministration", "G8": "kConsumerGroups", "S": "kShareGroups",
            "O": "kOptional", "-": "kCluster"}
    body.open("constexpr auto kApis = std::to_array<ApiInfo>(")
    body.lines[-1] = "constexpr auto kApis = std::to_array<ApiInfo>({"
    for key, name, low, high, flexible, use, accepted in rows:
        flexible = NO_VERSION if flexible == "none" else flexible
        # A stock broker has no receiver of telemetry, and then does not offer it.
        advertised = "false" if name in ("GetTelemetrySubscriptions", "PushTelemetry") else "true"
        body(f'{{ApiKey::k{name}, "{name}", {low}, {high}, {accepted}, {flexible}, {advertised}, ApiUse::{uses[use]}}},')
    body.close("});")
    body()
    body("}  // namespace")
    body()
    body.open("std::span<const ApiInfo> apis()")
    body("return kApis;")
    body.close()
    body()
    body("}  // namespace millrace::wire")
    return head.text(), body.text(), rows


def check_against_apis(rows, by_name):
    for _, name, _, high, flexible, _, accepted in rows:
        for suffix in ("Request", "Response"):
            message = by_name[name + suffix]
            first = message.flexible & message.valid
            told = Versions.parse(flexible if flexible == "none" else flexible + "+")
            assert message.valid.low == int(accepted) and message.valid.high == int(high), (name, suffix)
            assert bool(first) == bool(told) and (not first or first.low == max(told.low, message.valid.low)), (name, suffix)


# ---- the whole

def plan(contract, rows):
    """Returns (header name, messages) per header file. A version that Kafka does not offer yet is left out."""
    highest = {int(row[0]): int(row[3]) for row in rows}
    sections = json.loads((contract / "messages.json").read_text())
    responses = {m["apiKey"]: m for m in sections["responses"]}
    files = []
    for raw in sorted(sections["requests"], key=lambda m: m["apiKey"]):
        name = snake(raw["name"].removesuffix("Request"))
        key = raw["apiKey"]
        files.append((name, [Message(raw, highest[key]), Message(responses[key], highest[key])]))
    for section, name in OTHER_SECTIONS.items():
        files.append((name, [Message(raw) for raw in sections[section]]))
    return files


def spread(files):
    """Shares the files out over CODEC_FILES translation units of about the same size, in order."""
    total = sum(m.field_count() for _, messages in files for m in messages)
    parts, seen = [[] for _ in range(CODEC_FILES)], 0
    for name, messages in files:
        parts[min(seen * CODEC_FILES // total, CODEC_FILES - 1)].append((name, messages))
        seen += sum(m.field_count() for m in messages)
    return parts


def load_strict(contract):
    lines = (contract / "strict_fields.tsv").read_text().splitlines()
    return {tuple(line.split("\t")[:2]) for line in lines if line and not line.startswith("#")}


STRICT = set()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contract", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    STRICT.update(load_strict(arguments.contract))
    head, body, rows = api_key_files(arguments.contract)
    files = plan(arguments.contract, rows)
    check_against_apis(rows, {m.name: m for _, messages in files for m in messages})
    texts = {"generated/api_keys.h": head, "generated/api_keys.cc": body}
    apis = {snake(row[1]) for row in rows}
    for name, messages in files:
        texts[f"generated/{name}.h"] = header_text(messages, name in apis)
    for number, part in enumerate(spread(files)):
        texts[f"generated/codec_{number}.cc"] = codec_text([n for n, _ in part], [m for _, ms in part for m in ms])
    texts["generated/fields.h"] = fields_text([n for n, _ in files], [m for _, ms in files for m in ms])
    if arguments.list:
        print("\n".join(sorted(texts)))
        return
    for name, text in texts.items():
        path = arguments.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
