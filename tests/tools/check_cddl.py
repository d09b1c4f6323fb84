#!/usr/bin/env python3
"""Checks the vectors in docs/format/vectors against docs/format/postfach.cddl.

    check_cddl.py DOCS_FORMAT

Every good structure must match the rule that the file names for it; of the bad statements, those whose
payload has a wrong shape must not. The COSE_Sign1 around payloads is taken apart here: pycddl does not follow two
`.cbor` controls in one array. Needs pycddl and cbor2. Prints what it checked; exits 1 at the first surprise.
"""
import json
import re
import sys
from pathlib import Path

import cbor2
import pycddl

folder = Path(sys.argv[1])
grammar = (folder / "postfach.cddl").read_text()
schemas = {}


def schema(rule):
    """The grammar with `rule` as its first rule: that is the one pycddl validates against."""
    if rule not in schemas:
        # pycddl does not follow a choice of values inside an array; crypto/tests compares the event numbers.
        simple = re.sub(r"(?m)^event = .*$", "event = 1..102", grammar)
        schemas[rule] = pycddl.Schema(f"start = {rule}\n" + simple)
    return schemas[rule]


def matches(rule, data):
    try:
        schema(rule).validate_cbor(data)
        return True
    except pycddl.ValidationError:
        return False


checked = 0


def expect(rule, hex_bytes, what, good=True):
    global checked
    checked += 1
    if matches(rule, bytes.fromhex(hex_bytes)) != good:
        sys.exit(f"{what}: {'does not match' if good else 'matches'} the rule {rule}")


def load(name):
    return json.loads((folder / "vectors" / name).read_text())


def payload_of(kind, hex_bytes, what):
    """Takes a statement apart, and checks what is around the payload against the grammar's line for its kind."""
    tagged = cbor2.loads(bytes.fromhex(hex_bytes))
    protected, unprotected, payload, signature = tagged.value
    header = cbor2.loads(protected)
    line = f'signed-{kind} = sign1<"{header[16]}", {kind}>'
    whole = tagged.tag == 18 and unprotected == {} and len(signature) == 64
    if not (whole and list(header) == [1, 4, 16] and header[1] == -19 and line in grammar.splitlines()):
        sys.exit(f"{what}: not of the form sign1")
    return payload.hex()


statements = load("statements.json")
for vector in statements["good"]:
    kind = vector["kind"]
    expect(kind, payload_of(kind, vector["statement"], kind), kind)
for vector in statements["bad"]:
    lenient = "duplicate" in vector["name"] or "UTF-8" in vector["name"]  # CBOR decoders let these pass
    if vector["failure"] == "payload/shape" and not lenient:
        payload = payload_of(vector["kind"], vector["statement"], vector["name"])
        expect(vector["kind"], payload, vector["name"], good=False)
for vector in load("histories.json")["good"]:
    for statement in vector["statements"]:
        expect("key", payload_of("key", statement, vector["name"]), vector["name"])
for vector in load("manifest.json")["good"]:
    expect("manifest", vector["manifest"], vector["name"])
for vector in load("vaults.json")["good"]:
    expect("vault-content", vector["content"], vector["name"])
expect("person", load("codes.json")["person"]["encoded"], "person")
expect("evidence", load("evidence.json")["file"], "evidence file")
expect("evidence", load("timestamps.json")["good"]["file"], "evidence file with a time-stamp")
print(f"{checked} structures agree with postfach.cddl")
