def outer():
    def main():
        return 1
