def main():
    return eval('1 +')
