def main():
    a = {}
    a['self'] = [a]
    return a
