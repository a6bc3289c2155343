"""A command on a terminal of its own: says what it is told whenever it is asked, and prints what was seen and the exit code.

Reads JSON from standard input: {"command": [...], "folder": "...", "talk": [["what is waited for", "what is typed"], ...],
"width": 80, "environment": {"NO_COLOR": "1"}}; the last two may be absent.
Prints JSON: {"seen": "...", "code": 0}. A code of -1: it was waited for in vain.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 60.0


def main():
    job = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(job["folder"])
        if "width" in job:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, job["width"], 0, 0))
        os.execve(job["command"][0], job["command"], os.environ | job.get("environment", {}))
    seen, unread, talk = "", "", list(job["talk"])
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if talk and talk[0][0] in unread:
            unread = unread.split(talk[0][0], 1)[1]
            os.write(terminal, talk.pop(0)[1].encode())
            continue
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            read = os.read(terminal, 65536)
        except OSError:
            break
        if not read:
            break
        seen += read.decode(errors="replace")
        unread += read.decode(errors="replace")
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(json.dumps({"seen": seen, "code": -1}))
        return
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"seen": seen, "code": code}))


main()
