"""What of the network this jail lets a script have: must be nothing."""

import socket


def main():
    done = []
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                connection = socket.socket(family, kind)
            except OSError:
                continue
            done.append(f"{family.name} {kind.name}")
            if family == socket.AF_INET:
                done += connect(connection)
    return done


def connect(connection):
    """A second sentence for the operator: whether the socket reaches anything."""
    connection.settimeout(1)
    reached = []
    for address in ("127.0.0.1", "169.254.169.254", "1.1.1.1"):
        try:
            connection.connect((address, 80))
            reached.append(f"connected to {address}")
        except ConnectionRefusedError:
            reached.append(f"{address} answers")
        except OSError:
            pass
    return reached
