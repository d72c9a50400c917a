def main():
    return {'__proto__': {'polluted': 1}, 'constructor': {'prototype': {'polluted': 1}}}
