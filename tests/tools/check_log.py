"""Checks our log with libraries that are not ours: `pymerkle` for the tree, `cryptography` for cosignatures.

    check_log.py proofs FILE                     roots and proofs, as JSON
    check_log.py cosigned --vkey VKEY FILE       a checkpoint that VKEY (type 0x04) cosigned
    check_log.py cosign --name NAME --time N FILE   answers a verifier key of type 0x06 and a signature line

`proofs` reads {"entries": [hex], "heads": [[size, root]], "inclusion": [[index, size, [hash]]], "consistency":
[[old, new]]}, all hashes in hex. The roots must be pymerkle's; our inclusion proofs must be its own and verify in it;
its own consistency proofs must verify between our roots. (pymerkle writes consistency proofs in another layout than
RFC 6962 section 2.1.2, so ours are read by the crate `tlog_tiles` instead.)

Exit code: 0 all holds, 1 something does not, 2 called wrongly.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_consistency

DASH = "\u2014"
ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE = 0x04, 0x06


class Refused(Exception):
    """What does not hold, said to a person."""


def check_proofs(log: dict) -> None:
    tree = InmemoryTree.init_from_entries([bytes.fromhex(entry) for entry in log["entries"]])
    heads = {size: bytes.fromhex(root) for size, root in log["heads"]}
    for size, root in heads.items():
        if tree.get_root(size) != root:
            raise Refused(f"root of size {size}")
    for index, size, hashes in log["inclusion"]:
        ours = [bytes.fromhex(item) for item in hashes]
        theirs = tree.prove_inclusion(index + 1, size)
        leaf = tree.get_leaf(index + 1)
        if theirs.path != [leaf, *ours]:
            raise Refused(f"inclusion proof of {index} in {size} is another")
        proof = InclusionProof("sha256", True, size, index + 1, theirs.rule, [leaf, *ours])
        try:
            proof.verify(leaf, heads[size], index=index + 1, size=size, algorithm="sha256")
        except InvalidProof as error:
            raise Refused(f"inclusion of {index} in {size}: {error}") from error
    for old, new in log["consistency"]:
        try:
            proof = tree.prove_consistency(old, new)
            verify_consistency(heads[old], heads[new], proof, prior_size=old, later_size=new, algorithm="sha256")
        except InvalidProof as error:
            raise Refused(f"consistency of {old} and {new}: {error}") from error


def key_id(name: str, typed_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:4]


def checkpoint_of(note: bytes) -> tuple[bytes, list[str]]:
    """The note's text, and its signature lines."""
    text, separator, lines = note.rpartition(b"\n\n")
    if not separator:
        raise Refused("no note")
    return text + b"\n", lines.decode().splitlines()


def check_cosigned(note: bytes, vkey: str) -> None:
    name, given_id, encoded = vkey.split("+", 2)
    typed_key = base64.b64decode(encoded, validate=True)
    wanted = key_id(name, typed_key)
    if wanted.hex() != given_id or typed_key[0] != ED25519_COSIGNATURE:
        raise Refused("not a verifier key of a cosigner")
    text, lines = checkpoint_of(note)
    found = 0
    for line in lines:
        dash, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if (dash, signer, signature[:4]) != (DASH, name, wanted):
            continue
        time = int.from_bytes(signature[4:12], "big")
        message = b"cosignature/v1\ntime %d\n" % time + text
        try:
            Ed25519PublicKey.from_public_bytes(typed_key[1:]).verify(signature[12:], message)
        except InvalidSignature as error:
            raise Refused("cosignature does not hold") from error
        found += 1
    if not found:
        raise Refused("no cosignature of this key")


def cosign(note: bytes, name: str, time: int) -> str:
    text, _ = checkpoint_of(note)
    origin, size, root = text.split(b"\n")[:3]
    message = b"subtree/v1\n\0" + bytes([len(name.encode())]) + name.encode() + time.to_bytes(8, "big")
    message += bytes([len(origin)]) + origin + bytes(8) + int(size).to_bytes(8, "big") + base64.b64decode(root)
    private = MLDSA44PrivateKey.generate()
    typed_key = bytes([ML_DSA_44_COSIGNATURE]) + private.public_key().public_bytes_raw()
    identifier = key_id(name, typed_key)
    signature = identifier + time.to_bytes(8, "big") + private.sign(message)
    encoded = [base64.b64encode(item).decode() for item in (typed_key, signature)]
    return f"{name}+{identifier.hex()}+{encoded[0]}\n{DASH} {name} {encoded[1]}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="check a log of Mein Postfach with libraries that are not ours")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("proofs", "cosigned", "cosign"):
        commands.add_parser(command).add_argument("file", type=Path)
    commands.choices["cosigned"].add_argument("--vkey", required=True)
    commands.choices["cosign"].add_argument("--name", required=True)
    commands.choices["cosign"].add_argument("--time", required=True, type=int)
    args = parser.parse_args()
    content = args.file.read_bytes()
    try:
        if args.command == "proofs":
            check_proofs(json.loads(content))
        elif args.command == "cosigned":
            check_cosigned(content, args.vkey)
        else:
            sys.stdout.buffer.write(cosign(content, args.name, args.time).encode())
    except Refused as refused:
        print(f"{args.file}: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
