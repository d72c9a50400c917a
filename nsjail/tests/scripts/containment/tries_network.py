import socket


def main():
    return {name: attempt(getattr(socket, name)) for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK")} | {
        "name": lookup(), "abstract": abstract(), "pair": pair(),
    }


def attempt(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM)
        return "made"
    except OSError as error:
        return error.errno


def lookup():
    try:
        return socket.gethostbyname("example.com")
    except OSError as error:
        return type(error).__name__


def abstract():
    try:
        socket.socket(socket.AF_UNIX).connect("\0jobcell-test")
        return "connected"
    except OSError as error:
        return error.errno


def pair():
    one, other = socket.socketpair()
    one.send(b"x")
    return other.recv(1).decode()
