"""The kernel's number of the network namespace: no two namespaces share one."""
import socket

SO_NETNS_COOKIE = 71


def main():
    with socket.socket(socket.AF_UNIX) as any_socket:
        return any_socket.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8).hex()
