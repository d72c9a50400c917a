import os


def main():
    hits = []
    for fd in range(3, 256):
        try:
            os.write(fd, b'{"result":"FORGED"}\n')
            hits.append(fd)
        except OSError:
            pass
    return hits
