def main():
    n = 0
    try:
        while True:
            with open('/tmp/f%d' % n, 'wb') as f:
                f.write(b'x' * (1 << 20))
            n += 1
    except OSError as e:
        return {'mb': n, 'errno': e.errno}
