def main():
    import random, os, uuid
    return [random.random(), os.urandom(4).hex(), str(uuid.uuid4())]
