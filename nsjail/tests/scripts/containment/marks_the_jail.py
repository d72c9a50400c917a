"""Leaves a mark in every place that could outlive a job; says which marks were there already."""

import os
import socket


def main():
    found = os.listdir("/tmp")
    with open("/tmp/mark", "w", encoding="ascii") as file:
        file.write("secret")
    try:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0mark")
    except OSError:
        found.append("abstract socket")
    return found
