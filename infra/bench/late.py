"""A way to a server that is so many milliseconds long: what comes from it passes at once, what goes to it late.

    python infra/bench/late.py HOST:PORT MILLISECONDS

Prints its port. Requests are small and answers large, so a request waits, and its answer costs no copy here (`splice`).
"""

import os
import socket
import sys
import threading
import time

_PIPE = 1 << 20


def late(client: socket.socket, server: socket.socket, delay_s: float) -> None:
    """Pass on what a client asks."""
    while asked := client.recv(1 << 16):
        time.sleep(delay_s)
        server.sendall(asked)
    server.shutdown(socket.SHUT_WR)


def at_once(server: socket.socket, client: socket.socket) -> None:
    """Pass on what the server answers."""
    out, into = os.pipe()
    try:
        while count := os.splice(server.fileno(), into, _PIPE):
            while count:
                count -= os.splice(out, client.fileno(), count)
        client.shutdown(socket.SHUT_WR)
    finally:
        os.close(out)
        os.close(into)


def serve(client: socket.socket, host: str, port: int, delay_s: float) -> None:
    with client, socket.create_connection((host, port)) as server:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asking = threading.Thread(target=late, args=(client, server, delay_s), daemon=True)
        asking.start()
        at_once(server, client)
        asking.join()


def main() -> None:
    address, milliseconds = sys.argv[1:]
    host, _, port = address.rpartition(":")
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listening.getsockname()[1], flush=True)
    while True:
        client, _ = listening.accept()
        threading.Thread(target=serve, args=(client, host, int(port), float(milliseconds) / 1e3), daemon=True).start()


if __name__ == "__main__":
    main()
