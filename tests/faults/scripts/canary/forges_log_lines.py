import sys

FORGED = '{"level":60,"part":"worker","msg":"CANARY"}'


def main(x):
    for text in ("\x1b[2J\x1b]0;CANARY\x07", f"\r\n{FORGED}\r\n", "\0\b\x7f\u2028", f"\n{x}\n" * 100):
        print(text, flush=True)
        print(text, file=sys.stderr, flush=True)
    raise RuntimeError(f"\r\n{FORGED}\r\n\x1b[31m\0")
