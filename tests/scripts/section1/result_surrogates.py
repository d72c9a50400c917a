def main():
    return {'\udcff': '\ud800'}
