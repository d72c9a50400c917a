def main():
    raise ValueError('\ud800')
