def main():
    r = []
    for _ in range(200):
        r = [r]
    return r
