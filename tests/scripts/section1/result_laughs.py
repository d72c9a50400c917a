def main():
    r = []
    for _ in range(100):
        r = [r] * 10
    return r
