"""Places in a script as a caller counts them: lines and characters from 1."""


def lines(source):
    """As Python's tokenizer splits: not at form feeds or U+2028."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def column(source, line, byte_offset):
    """From Python's offset in UTF-8 bytes, from 0, to a column in characters, from 1."""
    every = lines(source)
    if not 1 <= line <= len(every):
        return 1
    return len(every[line - 1].encode("utf-8", "replace")[:byte_offset].decode("utf-8", "ignore")) + 1


def of_character(source, index):
    before = lines(source[:index])
    return len(before), len(before[-1]) + 1
