def main():
    return {'a b': [{'': b'x'}]}
