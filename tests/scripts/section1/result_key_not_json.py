def main():
    return {'ok': {(1, 2): 3}}
