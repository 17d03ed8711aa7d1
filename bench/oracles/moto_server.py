"""Runs moto on a free port of 127.0.0.1, prints its address, and ends when standard input does: it outlives nobody."""

import logging
import sys

from moto.server import ThreadedMotoServer

# A line a request, and a traceback an internal error, would be read by nobody.
logging.disable(logging.CRITICAL)

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"http://{host}:{port}", flush=True)
sys.stdin.read()
server.stop()
