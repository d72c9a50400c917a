def main():
    r = []
    for _ in range(200000): r = [r]
    return r
