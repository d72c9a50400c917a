import subprocess


def main():
    print('first', flush=True)
    subprocess.run(['/bin/sh', '-c', 'echo child; echo bad >&2'])
    print('last')
