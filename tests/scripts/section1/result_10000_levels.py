def main():
    r = {}
    for _ in range(10000):
        r = [{'x': r}]
    return r
