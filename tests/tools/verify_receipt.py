"""Verifies a statement of ours with `cwt`, a COSE library that is not ours.

    verify_receipt.py --key HEX --aad TEXT FILE [--kind MEDIA-TYPE]

FILE holds one COSE_Sign1, tagged 18 (RFC 9052 section 4.2). Beyond the signature, the protected header must say
exactly what docs/format/ says: {1: -19 (Ed25519, RFC 9864), 4: the raw public key, 16: the media type}, the
unprotected header must be empty, and nothing may follow the message. The payload goes to standard output as
hexadecimal. Exit code: 0 verified, 1 refused, 2 called wrongly.

The signature, the Sig_structure and the header parsing are the library's; this script only compares the headers.
"""

import argparse
import sys
from pathlib import Path

import cbor2
from cwt import COSE, COSEKey

TAG_SIGN1 = 18
ALG_ED25519 = -19
KTY_OKP, CRV_ED25519 = 1, 6
HEADER_ALG, HEADER_KID, HEADER_TYP = 1, 4, 16


class Refused(Exception):
    """What is wrong with the message, said to a person."""


def verify(message: bytes, public_key: bytes, external_aad: bytes, media_type: str) -> bytes:
    """The payload of `message`, after the signature and the exact headers were checked."""
    key = COSEKey.new({1: KTY_OKP, -1: CRV_ED25519, -2: public_key, 2: public_key, 3: ALG_ED25519})
    try:
        sign1 = cbor2.loads(message)
        if cbor2.dumps(sign1, canonical=True) != message:
            raise Refused("not one canonical CBOR item, or bytes follow it")
        if getattr(sign1, "tag", None) != TAG_SIGN1:
            raise Refused("not tagged as COSE_Sign1")
        protected, unprotected, payload = COSE.new().decode_with_headers(
            message, key, external_aad=external_aad
        )
    except Refused:
        raise
    except Exception as error:  # the library raises its own, cbor2's and cryptography's
        raise Refused(f"{type(error).__name__}: {error}") from error
    expected = {HEADER_ALG: ALG_ED25519, HEADER_KID: public_key, HEADER_TYP: media_type}
    if protected != expected:
        raise Refused(f"protected header {protected!r}, expected {expected!r}")
    if unprotected:
        raise Refused(f"unprotected header {unprotected!r}, expected none")
    return payload


def main() -> int:
    parser = argparse.ArgumentParser(description="verify a COSE_Sign1 of Mein Postfach with the library cwt")
    parser.add_argument("--key", required=True, type=bytes.fromhex, help="the raw Ed25519 public key, 64 hex digits")
    parser.add_argument("--aad", default="postfach/receipt/v1", help="external AAD as text")
    parser.add_argument("--kind", default="application/vnd.postfach.receipt+cose", help="media type in header 16")
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    try:
        payload = verify(args.file.read_bytes(), args.key, args.aad.encode("ascii"), args.kind)
    except Refused as refused:
        print(f"{args.file}: {refused}", file=sys.stderr)
        return 1
    print(payload.hex())
    return 0


if __name__ == "__main__":
    sys.exit(main())
