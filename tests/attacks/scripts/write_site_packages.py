def main():
    import os, numpy
    p = os.path.join(os.path.dirname(numpy.__file__), 'zz.py')
    try:
        open(p,'w').write('x=1'); return 'WROTE'
    except OSError as e:
        return e.errno
