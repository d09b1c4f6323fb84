"""Runs a program that insists on asking a terminal for a passphrase, such as `age` and `rage`.

    with_passphrase.py PASSPHRASE PROGRAM ARGUMENT...

Gives the program a terminal of its own, and types the passphrase each time it asks. Exit code: the program's.
"""

import os
import pty
import select
import sys

PROMPT = b"assphrase"
SILENCE_SECONDS = 120


def main() -> int:
    passphrase, program = sys.argv[1], sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["PINENTRY_PROGRAM"] = ""  # rage would open a dialogue instead
        os.execvp(program[0], program)
    shown = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], SILENCE_SECONDS)
        if not ready:
            os.kill(child, 9)
            break
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the program closed its terminal
            break
        if not piece:
            break
        shown += piece
        # A prompt ends its line with a colon, and nothing follows until it is answered.
        if PROMPT in shown and shown.rstrip().endswith(b":"):
            os.write(terminal, passphrase.encode() + b"\n")
            shown = b""
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.stderr.buffer.write(shown)
    return code if code >= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
