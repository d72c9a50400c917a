def main():
    import os
    n = 0
    try:
        for n in range(100000):
            os.mkdir('/tmp/d' if n == 0 else 'd'); os.chdir('/tmp/d' if n == 0 else 'd')
    except OSError as e:
        return {'depth': n, 'errno': e.errno}
    return n
