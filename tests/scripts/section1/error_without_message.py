def main():
    assert 1 == 2
