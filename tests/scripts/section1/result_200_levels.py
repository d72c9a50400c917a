def main():
    r = 1
    for i in range(200):
        r = [r] if i % 2 else {"k": r}
    return r
