def main():
    print('\ud800')
