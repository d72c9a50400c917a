def main():
    print('run')
    return 1


run = main
run()
